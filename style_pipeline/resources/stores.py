"""The object stores, each named by one setting: a local folder or an Azure container."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import dagster as dg
from obstore.exceptions import BaseError, PreconditionError, UnauthenticatedError
from pydantic import ConfigDict, Field

from style_pipeline.storage.backends import Backend, open_backend
from style_pipeline.storage.container import Container
from style_pipeline.storage.objects import (
    ObjectNotFound,
    StoredObject,
    StoreError,
    Superseded,
    summary,
)
from style_pipeline.storage.sas import file_link, folder_link

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import AzureStore, LocalStore

__all__ = ["ObjectNotFound", "Store", "StoreError", "StoredObject", "Superseded"]

_PART = 4 << 20  # bytes in memory at once, times _PARTS
_PARTS = 4


class Store(dg.ConfigurableResource["Store"]):
    """A place for objects: a local folder, or a container of Azure Blob Storage.

    Every method raises `StoreError` when storage cannot do what was asked. Names are relative to
    the root. In a folder, a link that leads out of it is not followed, nor is one to a folder.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = Field(description="`file:///folder`, or `az://account/container[/prefix]`.")
    sas_token: str = Field(
        default="",
        repr=False,
        description="SAS token of the container. Without it the identity of the workload, of the "
        "machine or of `az login` is used.",
    )
    endpoint: str = Field(
        default="",
        description="Address of the Blob service where it is not the account's own: another "
        "cloud's, or the emulator's, which is the only one that may be http.",
    )
    account_key: str = Field(
        default="", repr=False, description="Key of the emulator's account; refused elsewhere."
    )

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
            return bytes(self._objects.get(self._backend.key(name)).bytes())

    def write(self, name: str, data: bytes) -> StoredObject:
        """Put `data` there at once, over what there was."""
        with self._trying("write", name):
            self._objects.put(self._backend.key(name), data, **self._content_type(name))
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
                for part in self._parts(wanted):
                    file.write(part)
            if self.head(name) != wanted:
                raise Superseded(f"{self.location(name)} was replaced while it was read")
            if (size := partial.stat().st_size) != wanted.size:
                raise StoreError(f"{self.location(name)}: {size} of {wanted.size} bytes came")
            partial.replace(to)
        finally:
            partial.unlink(missing_ok=True)
        return wanted

    def upload(self, source: Path, name: str) -> StoredObject:
        """Copy a file into the store, where it appears when it is whole. Memory is bounded."""
        size = source.stat().st_size
        with self._trying("write", name):
            self._objects.put(
                self._backend.key(name),
                source,
                chunk_size=_PART,
                max_concurrency=_PARTS,
                **self._content_type(name),
            )
        stored = self.head(name)
        if stored.size != size:
            raise StoreError(f"{self.location(name)} has {stored.size} bytes, {source} had {size}")
        return stored

    def delete(self, name: str) -> None:
        """Delete the object `name` and all in the folder `name`; nothing there is no error."""
        with self._trying("delete", name):
            self._backend.delete(name)

    def upload_link(self, name: str, *, hours: float) -> str:
        """A URL to which someone outside can PUT the object `name` once; see `sas.file_link`."""
        return file_link(self._container, name, hours=hours)

    def upload_folder_link(self, folder: str, *, hours: float) -> str:
        """A URL below which someone outside can add objects; see `sas.folder_link`."""
        return folder_link(self._container, folder, hours=hours)

    def location(self, name: str) -> str:
        """A path or URL that a person can open; it holds no secret."""
        return self._backend.location(name)

    @property
    def _backend(self) -> Backend:
        return open_backend(
            url=self.url,
            endpoint=self.endpoint,
            sas_token=self.sas_token,
            account_key=self.account_key,
        )

    @property
    def _container(self) -> Container:
        if not isinstance(self._backend, Container):
            raise StoreError(f"url: {self.url} is a folder: there are links to containers only")
        return self._backend

    @property
    def _objects(self) -> LocalStore | AzureStore:
        return self._backend.objects

    def _parts(self, wanted: StoredObject) -> Iterator[bytes]:
        options: GetOptions = {}
        if isinstance(self._backend, Container):
            options["if_match"] = f'"{wanted.etag}"'
        with self._trying("read", wanted.name):
            found = self._objects.get(self._backend.key(wanted.name), options=options)
            yield from found.stream(min_chunk_size=_PART)

    def _content_type(self, name: str) -> dict[str, Any]:
        """So that a browser plays a film instead of saving it."""
        kind, _ = mimetypes.guess_type(name)
        if kind is None or not isinstance(self._backend, Container):
            return {}
        return {"attributes": {"Content-Type": kind}}

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
            raise StoreError(f"cannot {what} {self.location(name)}: {reason}") from None
