"""Which names of dropped files can be partition keys, and which nobody meant to be taken."""

import unicodedata
from pathlib import PurePosixPath

from pipeline_kit.storage.objects import StoredObject

MAX_KEY_BYTES = 200
"""A file system allows a name 255 bytes, and work files are named for the video they belong to."""

_UNFIT = "|,[]\\\N{REPLACEMENT CHARACTER}"
# Of text in two directions, by which a name can be disguised as another.
_TURNS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
_UNFINISHED = {".part", ".crdownload", ".tmp", ".download", ".partial", ".filepart"}
_IGNORED = {"thumbs.db", "desktop.ini"}


def is_ignored(found: StoredObject) -> bool:
    """Whether nobody meant it to be taken: hidden, still uploading, a folder's own entry."""
    path = PurePosixPath(found.name)
    return (
        any(part.startswith(".") and part != ".." for part in path.parts)
        or path.name.lower() in _IGNORED
        or path.suffix.lower() in _UNFINISHED
        or (found.size == 0 and (found.name.endswith("/") or not path.suffix))
    )


def unfit_for_a_key(key: str) -> str | None:
    """Dagster checks no dynamic key, and later reads `|`, `,`, brackets and `...` as syntax."""
    unfit = {c for c in key if c in _UNFIT or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
    unfit |= _TURNS & set(key)
    if unfit or "..." in key:
        shown = " ".join(sorted(map(ascii, unfit))) or "'...'"
        return f"its name contains {shown}: rename it"
    parts = key.split("/")
    if {"", ".", ".."} & set(parts):
        return "a folder in its path has no proper name: upload it to <style>/<file>"
    if any(part != part.strip() for part in parts):
        return "its name starts or ends with a blank: rename it"
    if (size := len(key.encode())) > MAX_KEY_BYTES:
        return f"its name is {size} bytes long, folder included: shorten it to {MAX_KEY_BYTES}"
    return None


def too_large(found: StoredObject, *, gibibytes: float) -> str | None:
    """Why so large a file is not taken, or None where it is."""
    if found.size <= gibibytes * (1 << 30):
        return None
    return f"it has {found.size / (1 << 30):.1f} GiB: at most {gibibytes:g} are taken"


def extension(name: str) -> str:
    """The lower-case extension of a file's name, without the dot; may be empty."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def wrong_kind(name: str, kind: str, extensions: tuple[str, ...]) -> str | None:
    """Why a file of this name is not read as a `kind`, or None where it is."""
    found = extension(name)
    if found in extensions:
        return None
    what = f".{found} is no kind of {kind}" if found else "its name has no extension"
    return f"{what} that can be read: convert it to one of {', '.join(extensions)}"
