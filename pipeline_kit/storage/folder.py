"""A store that is a local folder."""

import errno
import logging
import os
import re
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import rmtree
from urllib.parse import SplitResult, unquote

from obstore.store import LocalStore

from pipeline_kit.storage import transfer
from pipeline_kit.storage.objects import InvalidAddress, StoredObject, StoreUnavailable, check_name

# What a killed writer leaves: obstore writes `name#1` and renames it.
_UNFINISHED = re.compile(r"#\d+$")


def open_folder(url: SplitResult) -> "Folder":
    """The folder of a `file:///` URL, which is created. Raises `InvalidAddress`."""
    root = root_of(url)
    try:
        return Folder(root)
    except OSError as error:
        reason = f"the folder {root} cannot be created: {error.strerror}"
        raise InvalidAddress(f"url: {reason}") from None


def root_of(url: SplitResult) -> Path:
    """What a `file:///` URL names. Raises `InvalidAddress`."""
    root = Path(unquote(url.path))
    if url.netloc not in ("", "localhost") or not root.is_absolute():
        shown = f"{url.scheme}://{url.netloc}{url.path}"
        raise InvalidAddress(f"url: {shown} should name a folder from the root: file:///folder")
    return root


class Folder:
    """Objects are files; versions are told apart by inode, time of change and size.

    Listing is done here because LocalStore's fails as a whole over one name that it dislikes (a
    line break, bytes that are not UTF-8), follows links out of the root, and finds a root that is
    gone to be empty.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()
        self._objects = LocalStore(self.root)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        if not self.root.is_dir():
            raise StoreUnavailable(f"the folder {self.root} is gone: is its disk mounted?")
        folder = self._path(prefix) if prefix else self.root
        return self._walk(folder) if folder.is_dir() else iter(())

    def head(self, name: str) -> StoredObject:
        path = self._path(name)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(f"{path} is not a file")
        return self._object(path, status)

    def get(self, name: str, *, etag: str | None = None) -> Iterator[bytes]:
        return transfer.get(self._objects, self._key(name))

    def put(self, name: str, data: bytes | Path) -> None:
        transfer.put(self._objects, self._key(name), data)

    def delete(self, name: str) -> None:
        path = self._path(name)
        if path.is_dir() and not path.is_symlink():
            rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def rename(self, name: str, to: str) -> None:
        transfer.rename(self._objects, self._key(name), self._key(to))

    def location(self, name: str) -> str:
        return str(self.root / name)

    def _key(self, name: str) -> str:
        self._path(name)
        return check_name(name)

    def _walk(self, folder: Path) -> Iterator[StoredObject]:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = folder / entry.name
                try:
                    if entry.is_dir(follow_symlinks=False):
                        yield from self._walk(path)
                    elif entry.is_symlink() and not self._within(path):
                        _leave_out(path)
                    elif not _UNFINISHED.search(entry.name) and entry.is_file():
                        yield self._object(path, entry.stat())
                except OSError as error:
                    # Gone since its folder was read, or a link to nothing.
                    if error.errno not in (errno.ENOENT, errno.ELOOP):
                        raise

    def _path(self, name: str) -> Path:
        path = self.root / check_name(name)
        if not self._within(path):
            raise InvalidAddress(
                f"{path} leads out of {self.root}: copy the file instead of linking"
            )
        return path

    def _within(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self.root)

    def _object(self, path: Path, status: os.stat_result) -> StoredObject:
        # A name that is not UTF-8 can be shown, but not opened.
        name = os.fsencode(path.relative_to(self.root)).decode(errors="replace")
        etag = f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"
        return StoredObject(name=name, size=status.st_size, etag=etag, modified=status.st_mtime)


@cache
def _leave_out(link: Path) -> None:
    """Once a process: a store is listed every few seconds."""
    logging.getLogger(__name__).warning("%s leads out of its store and is left out: copy it", link)
