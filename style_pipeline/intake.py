"""Which of the dropped files are videos to start: decisions only, nothing is done here."""

import base64
import json
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath

from style_pipeline.storage.objects import StoredObject

FOLDER = "videos"

EXTENSIONS = (
    *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "mts", "m2ts"),
    *("flv", "gif", "mpg", "mpeg", "wmv", "ogv", "3gp"),
)

MAX_KEY_BYTES = 200
"""A file system allows a name 255 bytes, and work files are named for the video they belong to."""

_UNFIT = "|,[]\\\N{REPLACEMENT CHARACTER}"
_UNFINISHED = {".part", ".crdownload", ".tmp", ".download", ".partial", ".filepart"}
_IGNORED = {"thumbs.db", "desktop.ini"}

_VERSION = 1
_MARK_BYTES = 8
_SEEN, _TAKEN = "seen", "taken"

Ledger = frozenset[bytes]
"""What is there now and what became of it: a hash of (name, ETag, verdict) for each object."""


@dataclass(frozen=True)
class Rejection:
    """A dropped file that cannot be started, and what a person can do about it."""

    name: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """What one look at the dropped files leads to."""

    start: tuple[StoredObject, ...]
    rejected: tuple[Rejection, ...]
    ledger: Ledger


def new_videos(
    listing: Iterable[StoredObject],
    ledger: Ledger,
    *,
    styles: Collection[str],
    limit: int = 100,
) -> Intake:
    """Videos to start and files to reject, by comparing a listing of `videos/` with the ledger.

    A version of an object (an ETag) is judged once two listings in a row show it, so that a file
    still being copied and a blob still being appended to wait. It is started once, or rejected
    once for each reason. At most `limit` are started and at most `limit` rejected; the others
    stay as they are in the ledger, and follow. What is gone leaves the ledger.
    """
    start: list[StoredObject] = []
    rejected: list[Rejection] = []
    marks: set[bytes] = set()
    for found in sorted(listing, key=lambda found: found.name):
        if is_ignored(found):
            continue
        reason = rejection(found.name, styles) or _emptiness(found)
        mark = _mark(found, reason or _TAKEN)
        if mark not in ledger:
            seen = _mark(found, _SEEN)
            if seen not in ledger or len(rejected if reason else start) == limit:
                mark = seen
            elif reason:
                rejected.append(Rejection(name=found.name, reason=reason))
            else:
                start.append(found)
        marks.add(mark)
    return Intake(start=tuple(start), rejected=tuple(rejected), ledger=frozenset(marks))


def video_key(name: str) -> str:
    """The partition key of the object `name`: its place below `videos/`."""
    return name.removeprefix(f"{FOLDER}/")


def run_key(found: StoredObject) -> str:
    """Dagster launches one run for it however often it is asked: one for each name and ETag."""
    return f"{video_key(found.name)}@{found.etag}"


def rejection(name: str, styles: Collection[str]) -> str | None:
    """Why the object `name` cannot be started, and what to do, or None where it can."""
    key = video_key(name)
    if unfit := _unfit_for_a_key(key):
        return unfit
    folder, _, clip = key.partition("/")
    known = ", ".join(sorted(styles))
    if not clip:
        return f"it is in no style's folder: move it into {FOLDER}/<style>/ (styles: {known})"
    if folder not in styles:
        return f"there is no style {folder!r}: move it into the folder of a style ({known})"
    extension = PurePosixPath(clip).suffix.lower()
    if extension.removeprefix(".") not in EXTENSIONS:
        kind = f"{extension} is no kind of video" if extension else "its name has no extension"
        return f"{kind} that can be read: convert it to one of {', '.join(EXTENSIONS)}"
    return None


def is_ignored(found: StoredObject) -> bool:
    """Whether nobody meant it as a video: hidden, still uploading, a folder's own entry."""
    path = PurePosixPath(video_key(found.name))
    return (
        any(part.startswith(".") and part != ".." for part in path.parts)
        or path.name.lower() in _IGNORED
        or path.suffix.lower() in _UNFINISHED
        or (found.size == 0 and (found.name.endswith("/") or not path.suffix))
    )


def load(cursor: str | None) -> Ledger:
    """The ledger that `dump` wrote.

    One that cannot be read is taken for empty: all is looked at again, and the run keys keep
    Dagster from running anything twice.
    """
    try:
        content = json.loads(cursor or "")
        data = base64.b64decode(content["ledger"]) if content["version"] == _VERSION else b""
    except (ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(data[i : i + _MARK_BYTES] for i in range(0, len(data), _MARK_BYTES))


def dump(ledger: Ledger) -> str:
    """The ledger as JSON, 11 characters an object: Dagster keeps a copy with every tick."""
    data = base64.b64encode(b"".join(sorted(ledger))).decode()
    return json.dumps({"version": _VERSION, "ledger": data}, separators=(",", ":"))


def _mark(found: StoredObject, verdict: str) -> bytes:
    content = json.dumps([found.name, found.etag, verdict]).encode()
    return blake2b(content, digest_size=_MARK_BYTES).digest()


def _emptiness(found: StoredObject) -> str | None:
    return None if found.size else "it is empty: upload it again"


def _unfit_for_a_key(key: str) -> str | None:
    """Dagster checks no dynamic key, and later reads `|`, `,`, brackets and `...` as syntax."""
    unfit = {c for c in key if c in _UNFIT or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")}
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
