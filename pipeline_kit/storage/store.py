"""The object stores, each named by one URL: a local folder, an Azure container."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from obstore.exceptions import BaseError, PreconditionError, UnauthenticatedError

from pipeline_kit.storage.azure import Container
from pipeline_kit.storage.backends import Backend, StoreAddress, open_backend
from pipeline_kit.storage.objects import (
    InvalidAddress,
    ObjectNotFound,
    StoredObject,
    StoreUnavailable,
    Superseded,
    summary,
)
from pipeline_kit.storage.sas import file_link, folder_link, read_link


@dataclass(frozen=True, kw_only=True)
class Store(StoreAddress):
    """A place for objects, opened when it is first used.

    Every method raises `StoreError` when storage cannot do what was asked. Names are relative to
    the root. In a folder, a link that leads out of it is not followed, nor is one to a folder.

    ::

        store = Store(url="az://account/models")
        store.download("iris/current.onnx", Path("current.onnx"))
    """

    def at(self, url: str) -> Store:
        """Another place that is entered with the same."""
        return replace(self, url=url)

    def list(self, prefix: str = "") -> list[StoredObject]:
        """Everything in the folder `prefix` and below, ordered by name.

        A prefix without objects is empty; a container, server or root folder that is not there
        raises `StoreError`.
        """
        with self._trying("list", prefix):
            return sorted(self._backend.list(prefix), key=lambda found: found.name)

    def head(self, name: str) -> StoredObject:
        """Raises `ObjectNotFound`."""
        with self._trying("look up", name):
            return self._backend.head(name)

    def read(self, name: str) -> bytes:
        """The whole object, in memory. Raises `ObjectNotFound`."""
        with self._trying("read", name):
            return b"".join(self._backend.get(name))

    def write(self, name: str, data: bytes) -> StoredObject:
        """Put `data` there at once, over what there was."""
        with self._trying("write", name):
            self._backend.put(name, data)
        return self.head(name)

    def download(self, name: str, to: Path, *, etag: str | None = None) -> StoredObject:
        """Copy an object to the file `to`, which appears when it is whole.

        Raises `ObjectNotFound`, and `Superseded` if the object is not the version `etag` or was
        replaced meanwhile. Memory is bounded.
        """
        wanted = self.head(name)
        if etag not in (None, wanted.etag):
            raise Superseded(f"{self.location(name)} was replaced since it was listed")
        partial = to.with_name(f".{to.name}.{uuid4().hex}.part")
        try:
            with partial.open("xb") as file:
                for part in self._parts(name, etag=wanted.etag):
                    file.write(part)
            if self.head(name) != wanted:
                raise Superseded(f"{self.location(name)} was replaced while it was read")
            if (size := partial.stat().st_size) != wanted.size:
                raise StoreUnavailable(f"{self.location(name)}: {size} of {wanted.size} bytes came")
            partial.replace(to)
        finally:
            partial.unlink(missing_ok=True)
        return wanted

    def upload(self, source: Path, name: str) -> StoredObject:
        """Copy a file into the store, where it appears when it is whole. Memory is bounded."""
        size = source.stat().st_size
        with self._trying("write", name):
            self._backend.put(name, source)
        stored = self.head(name)
        if stored.size != size:
            raise StoreUnavailable(
                f"{self.location(name)} has {stored.size} bytes, {source} had {size}"
            )
        return stored

    def check_unchanged(self, name: str, etag: str) -> None:
        """Raises `Superseded` where the object is another version by now."""
        if self.head(name).etag != etag:
            raise Superseded(f"{self.location(name)} was replaced since it was read")

    def delete(self, name: str) -> None:
        """Delete the object `name` and all in the folder `name`; nothing there is no error."""
        with self._trying("delete", name):
            self._backend.delete(name)

    def rename(self, name: str, to: str) -> StoredObject:
        """Give an object another name. Raises `ObjectNotFound`, and `StoreError` where something
        has that name already, which stays as it is."""
        with self._trying("rename", name):
            self._backend.rename(name, to)
        return self.head(to)

    def upload_link(self, name: str, *, hours: float) -> str:
        """A URL to which someone outside can PUT the object `name` once; see `sas.file_link`."""
        return file_link(self._container, name, hours=hours)

    def upload_folder_link(self, folder: str, *, hours: float) -> str:
        """A URL below which someone outside can add objects; see `sas.folder_link`."""
        return folder_link(self._container, folder, hours=hours)

    def download_link(self, name: str, *, hours: float) -> str:
        """A URL by which someone outside can read the object `name`; see `sas.read_link`."""
        return read_link(self._container, name, hours=hours)

    def location(self, name: str) -> str:
        """A path or URL that a person can open; it holds no secret."""
        return self._backend.location(name)

    @property
    def _backend(self) -> Backend:
        return open_backend(self)

    @property
    def _container(self) -> Container:
        if not isinstance(self._backend, Container):
            raise InvalidAddress(f"url: {self.url} is a folder: there are links to containers only")
        return self._backend

    def _parts(self, name: str, *, etag: str) -> Iterator[bytes]:
        # A disk here that is full, as the parts are written, is no fault of the store.
        with self._trying("read", name):
            yield from self._backend.get(name, etag=etag)

    @contextmanager
    def _trying(self, what: str, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise ObjectNotFound(f"{self.location(name)} does not exist") from None
        except PreconditionError:
            raise Superseded(f"{self.location(name)} was replaced since it was listed") from None
        except (BaseError, OSError) as error:
            # Not chained: a library's own message may show a SAS token.
            reason = summary(error)
            if isinstance(error, UnauthenticatedError):
                reason += " Set sas_token, give the workload an identity, or run `az login`."
            raise StoreUnavailable(f"cannot {what} {self.location(name)}: {reason}") from None
