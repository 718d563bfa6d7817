"""What a store holds, and how it says that it cannot give it."""

import re
import unicodedata
from dataclasses import dataclass, field

from pipeline_kit.errors import PermanentError, SupersededError, TransientError


@dataclass(frozen=True)
class StoredObject:
    """An object of a store: its name below the root, its bytes, and the tag of its version."""

    name: str
    size: int
    etag: str
    modified: float = field(default=0.0, compare=False)
    """When it was written, in seconds since 1970: too coarse to tell versions apart."""


class StoreError(Exception):
    """A store could not do what was asked of it; its subclasses say whether trying again helps."""


class StoreUnavailable(StoreError, TransientError):
    """Storage did not answer, or not as it should."""


class InvalidAddress(StoreError, PermanentError):
    """The settings of a store, or the name of an object, cannot be used."""


class ObjectNotFound(StoreError, PermanentError):
    """There is no object of that name."""


class Superseded(StoreError, SupersededError):
    """The object is no longer the version that was asked for."""


def check_name(name: str) -> str:
    """`name` without a slash at its end; raises `InvalidAddress` where it could leave the root."""
    name = name.removesuffix("/")
    if {"", ".", ".."} & set(name.split("/")) or any(unicodedata.category(c) == "Cc" for c in name):
        raise InvalidAddress(f"{name!r} is not the name of an object: it should read folder/file")
    return name


def summary(error: BaseException) -> str:
    """What a storage library has to say in one line, without the query of any URL.

    The query of a URL may be a SAS token, and the libraries append dumps of the request.
    """
    text = str(error)
    first = (text.splitlines() or [""])[0].split("<?xml")[0].strip(" :")
    code = re.search(r"(?:<Code>|ErrorCode:)(\w+)", text)
    said = re.sub(r"\?\S*|\bsig=\S*", "", first)[:300] or type(error).__name__
    return f"{said} ({code[1]})" if code else said
