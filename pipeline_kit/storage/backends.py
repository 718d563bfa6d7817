"""What a store stands on: one interface, and a line for each kind of storage.

A further kind is a module with a class that does what `Backend` says, a function that makes one
from a `StoreAddress`, and a line in `BACKENDS`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from pipeline_kit.storage.azure import open_container
from pipeline_kit.storage.folder import open_folder, root_of
from pipeline_kit.storage.objects import InvalidAddress, StoredObject


@dataclass(frozen=True, kw_only=True)
class StoreAddress:
    """Where a store is, and what it is entered with."""

    url: str
    endpoint: str = ""
    sas_token: str = field(default="", repr=False)
    account_key: str = field(default="", repr=False)


class Backend(Protocol):
    """A place for objects, whose names are relative to its root.

    Methods raise `FileNotFoundError` for what is not there, `Superseded` for a version that is not
    there any more, and for anything else `StoreError`, `OSError` or an exception of obstore, which
    `Store` turns into one line.
    """

    def list(self, prefix: str) -> Iterable[StoredObject]:
        """Everything in the folder `prefix` and below, in any order."""

    def head(self, name: str) -> StoredObject:
        """The object as it is now."""

    def get(self, name: str, *, etag: str | None = None) -> Iterator[bytes]:
        """Its bytes in parts: of the version `etag`, where it can tell versions apart."""

    def put(self, name: str, data: bytes | Path) -> None:
        """Put bytes, or what a file holds, there at once: it is never seen in part."""

    def delete(self, name: str) -> None:
        """Delete the object, and all in the folder of that name; nothing there is no error."""

    def rename(self, name: str, to: str) -> None:
        """Give the object another name, which must be free; its bytes stay where they are."""

    def location(self, name: str) -> str:
        """A path or URL that a person can open, without any secret."""


BACKENDS: dict[str, Callable[[SplitResult, StoreAddress], Backend]] = {
    "file": lambda url, address: open_folder(url),
    "az": lambda url, address: open_container(
        url, endpoint=address.endpoint, sas_token=address.sas_token, account_key=address.account_key
    ),
}
"""By the scheme of a store's URL."""


@lru_cache(maxsize=16)
def open_backend(address: StoreAddress) -> Backend:
    """What is at that address.

    Raises `InvalidAddress` naming the setting that is wrong; no message shows a secret.
    """
    parts = _checked(address)
    return BACKENDS[parts.scheme](parts, address)


def check_address(address: StoreAddress) -> None:
    """Raises `InvalidAddress` as `open_backend` does; nothing is created, and nobody is asked."""
    parts = _checked(address)
    if parts.scheme == "file":
        root_of(parts)
    else:
        BACKENDS[parts.scheme](parts, address)


def _checked(address: StoreAddress) -> SplitResult:
    parts = urlsplit(address.url)
    # A SAS URL pasted whole must not reach a log.
    shown = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    shown = shown if shown and not parts.scheme else f"{parts.scheme}://{shown}"
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidAddress(
            f"url: {shown} is followed by a query, a fragment or a login: remove it"
            " (a SAS token belongs in sas_token)"
        )
    if parts.scheme not in BACKENDS:
        raise InvalidAddress(f"url: {shown!r} should be file:///folder or az://account/container")
    return parts


def folder_to_come(url: str) -> Path | None:
    """The folder that `open_backend` would create, or None where there is nothing to create."""
    parts = urlsplit(url)
    root = Path(unquote(parts.path))
    is_folder = parts.scheme == "file" and parts.netloc in ("", "localhost")
    return root if is_folder and not root.exists() else None
