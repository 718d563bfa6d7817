"""A store that is a container of Azure Blob Storage."""

from __future__ import annotations

import logging
import mimetypes
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlsplit

from obstore.exceptions import InvalidPathError
from obstore.store import AzureStore

from pipeline_kit.storage import transfer
from pipeline_kit.storage.objects import (
    InvalidAddress,
    StoredObject,
    StoreUnavailable,
    check_name,
    summary,
)

if TYPE_CHECKING:
    from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential
    from azure.identity import DefaultAzureCredential
    from azure.storage.blob import ContainerClient
    from obstore.store import AzureConfig, AzureCredentialProvider, ClientConfig, RetryConfig

_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_BATCH = 256  # Blob Storage deletes no more in one request

# A listing must have failed before Dagster gives up on the sensor, after 60 s; a download may
# take hours while bytes arrive.
_RETRY: RetryConfig = {"max_retries": 5, "retry_timeout": timedelta(seconds=25)}
_TIMEOUTS: ClientConfig = {
    "connect_timeout": timedelta(seconds=5),
    "read_timeout": timedelta(seconds=30),
    "timeout": timedelta(hours=24),
}


def open_container(
    url: SplitResult, *, endpoint: str, sas_token: str, account_key: str
) -> Container:
    """The container of an `az://account/container[/prefix]` URL. Raises `InvalidAddress`."""
    container, _, prefix = url.path.strip("/").partition("/")
    if not _ACCOUNT.fullmatch(url.netloc) or not _CONTAINER.fullmatch(container):
        shown = f"{url.scheme}://{url.netloc}{url.path}"
        raise InvalidAddress(f"url: {shown} should read az://account/container")
    if sas_token and account_key:
        raise InvalidAddress("account_key: there is a sas_token too: set one of them")
    return Container(
        account=url.netloc,
        container=container,
        prefix=check_name(prefix) if prefix else "",
        endpoint=_endpoint(endpoint, url.netloc, account_key=account_key),
        sas_token=sas_token.removeprefix("?"),
        account_key=account_key,
    )


@dataclass(frozen=True, kw_only=True)
class Container:
    """Objects are blobs; versions are told apart by ETag.

    Without a SAS token or an account key it is entered with the identity that azure-identity
    finds: of the workload, of the machine, of `az login`.
    """

    account: str
    container: str
    prefix: str
    endpoint: str
    sas_token: str = field(repr=False)
    account_key: str = field(repr=False)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        folder = check_name(prefix) if prefix else ""
        try:
            for found in self.objects.list(folder or None).collect():
                yield _object(found["path"], found["size"], found["e_tag"], found["last_modified"])
        except InvalidPathError:
            yield from self._list_any_name(folder)

    def head(self, name: str) -> StoredObject:
        found = self.objects.head(check_name(name))
        return _object(name, found["size"], found["e_tag"], found["last_modified"])

    def get(self, name: str, *, etag: str | None = None) -> Iterator[bytes]:
        return transfer.get(self.objects, check_name(name), etag=etag)

    def put(self, name: str, data: bytes | Path) -> None:
        # So that a browser shows a file instead of saving it.
        kind, _ = mimetypes.guess_type(name)
        transfer.put(self.objects, check_name(name), data, content_type=kind)

    def delete(self, name: str) -> None:
        children = [child.name for child in self.list(name)]
        batches = [children[i : i + _BATCH] for i in range(0, len(children), _BATCH)]
        for batch in (check_name(name), *batches):
            with suppress(FileNotFoundError):
                self.objects.delete(batch)

    def rename(self, name: str, to: str) -> None:
        transfer.rename(self.objects, check_name(name), check_name(to))

    def location(self, name: str) -> str:
        return f"{self.endpoint}/{self.container}/{quote(self.root + name)}"

    @cached_property
    def objects(self) -> AzureStore:
        config: AzureConfig = {"account_name": self.account, "endpoint": self.endpoint}
        provider: AzureCredentialProvider | None = None
        if self.sas_token:
            config |= {"sas_key": self.sas_token, "credential_type": "sas_token"}
        elif self.account_key:
            config |= {"account_key": self.account_key, "credential_type": "access_key"}
        else:
            from obstore.auth.azure import AzureCredentialProvider as Provider

            provider = Provider(self._identity)
        return AzureStore(
            self.container,
            prefix=self.prefix or None,
            config=config,
            client_options={**_TIMEOUTS, "allow_http": self.endpoint.startswith("http:")},
            retry_config=_RETRY,
            credential_provider=provider,
        )

    @cached_property
    def _identity(self) -> DefaultAzureCredential:
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential()

    @property
    def root(self) -> str:
        """What the keys of all objects begin with."""
        return f"{self.prefix}/" if self.prefix else ""

    @property
    def credential(self) -> AzureSasCredential | AzureNamedKeyCredential | DefaultAzureCredential:
        """What Microsoft's own library enters with."""
        from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential

        if self.sas_token:
            return AzureSasCredential(self.sas_token)
        if self.account_key:
            return AzureNamedKeyCredential(self.account, self.account_key)
        return self._identity

    def client(self, **patience: Any) -> ContainerClient:
        """Microsoft's own client, with its settings of timeouts and retries."""
        from azure.storage.blob import ContainerClient

        logging.getLogger("urllib3.connectionpool").addFilter(_holds_no_secret)
        return ContainerClient(self.endpoint, self.container, self.credential, **patience)

    def _list_any_name(self, folder: str) -> Iterator[StoredObject]:
        """List with Microsoft's own library, 30 times slower.

        obstore's listing fails as a whole over one blob named `a//b` or with a control character
        (github.com/developmentseed/obstore/issues/429), which anyone may upload who can upload.
        """
        from azure.core.exceptions import AzureError

        prefix = f"{self.root}{folder}/" if folder else self.root
        try:
            with self.client(read_timeout=20, retry_total=0) as client:
                for blob in client.list_blobs(prefix):
                    name = blob.name.removeprefix(self.root)
                    yield _object(name, blob.size, blob.etag, blob.last_modified)
        except AzureError as error:
            raise StoreUnavailable(
                f"cannot list {self.location(folder)}: {summary(error)}"
            ) from None


def _endpoint(endpoint: str, account: str, *, account_key: str) -> str:
    parts = urlsplit(endpoint or f"https://{account}.blob.core.windows.net")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise InvalidAddress("endpoint: it should read https://account.blob.core.windows.net")
    local = _is_loopback(parts.hostname)
    if parts.scheme == "http" and not local:
        raise InvalidAddress(f"endpoint: http is for this machine only: use https://{parts.netloc}")
    if account_key and not local:
        raise InvalidAddress(
            "account_key: it opens the whole account, and is for the emulator on this machine"
            " only: use sas_token, or no secret and an identity"
        )
    return parts.geturl().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _holds_no_secret(record: logging.LogRecord) -> bool:
    """urllib3 logs every address that it opens, at DEBUG, with the SAS token in it."""
    return "sig=" not in record.getMessage()


def _object(name: str, size: int, etag: str | None, modified: datetime) -> StoredObject:
    """The head of an object quotes its ETag, and a listing does not."""
    tag = (etag or "").removeprefix("W/").strip('"')
    return StoredObject(name=name, size=size, etag=tag, modified=modified.timestamp())
