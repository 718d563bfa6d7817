"""Models in a store, each version under the hash of its content, one of them the current one."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path

from pipeline_kit.errors import PermanentError
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store

_SHA256 = re.compile(r"[0-9a-f]{64}")


class DamagedModel(PermanentError):
    """A model's file does not hold what its name says."""


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Models by name: `models/<name>/<hash><suffix>`, and `models/<name>/current` with a hash.

    Registries with other pointers than `current` share the versions and choose for themselves. A
    version that is published stays. It is the hash of the file's bytes that `digest` gives; a
    `digest` of None leaves both naming and checking to whoever writes and reads the files.
    """

    store: Store
    suffix: str
    """Of the files, such as `.safetensors`."""
    folder: str = "models"
    pointer: str = "current"
    digest: Callable[[Path], str] | None = sha256_of

    def current(self) -> dict[str, str]:
        """The hash of every model's current version.

        Cheap enough for every tick of a sensor: one listing, and a read of each pointer that
        changed. A pointer to a version that is not there counts for nothing.
        """
        return self.current_in(self.store.list(self.folder))

    def current_in(self, listing: Iterable[StoredObject]) -> dict[str, str]:
        """The same by a listing of the folder, for those who ask several registries."""
        there = {found.name: found.etag for found in listing}
        pointer = re.compile(rf"{re.escape(self.folder)}/([^/]+)/{re.escape(self.pointer)}")
        found = {}
        for place, etag in there.items():
            if named := pointer.fullmatch(place):
                version = _read_pointer(self.store, place, etag)
                if _SHA256.fullmatch(version) and self.place(named[1], version) in there:
                    found[named[1]] = version
        return dict(sorted(found.items()))

    def publish(self, name: str, path: Path, version: str = "") -> str:
        """Make a file the current version, and return its hash, which is `version` where there is
        no `digest`. Until the very end the version before it is current.
        """
        version = self.digest(path) if self.digest else version
        self.store.upload(path, self.place(name, version))
        self.store.write(f"{self.folder}/{name}/{self.pointer}", version.encode())
        return version

    def withdraw(self, name: str) -> None:
        """Have no current version of it; those that were published stay."""
        self.store.delete(f"{self.folder}/{name}/{self.pointer}")

    def fetch(self, name: str, version: str, folder: Path) -> Path:
        """A copy of exactly that version in `folder`.

        Raises `ObjectNotFound` where it is gone, and `DamagedModel` where it is another.
        """
        path = folder / f"{version}{self.suffix}"
        try:
            self.store.download(self.place(name, version), path)
        except ObjectNotFound as error:
            raise ObjectNotFound(f"version {version[:12]} of {name!r} is gone: {error}") from None
        if self.digest and (held := self.digest(path)) != version:
            place = self.store.location(self.place(name, version))
            raise DamagedModel(f"{place} holds {held[:12]}: publish the model again")
        return path

    def place(self, name: str, version: str) -> str:
        """The object that holds a version."""
        return f"{self.folder}/{name}/{version}{self.suffix}"


@lru_cache(maxsize=1000)
def _read_pointer(store: Store, name: str, etag: str) -> str:
    """The ETag makes it a version: what was read once is not read again."""
    return store.read(name).decode(errors="replace").strip()
