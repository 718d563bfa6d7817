"""Links by which someone outside may add files to a container, or read one, and do nothing else
there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipeline_kit.storage.azure import Container
from pipeline_kit.storage.objects import InvalidAddress, StoreUnavailable, check_name, summary

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

MAX_HOURS = 7 * 24
"""Azure gives no key to sign with for longer."""
_CLOCKS_DIFFER = timedelta(minutes=15)
_ENTER = (
    "enter with an identity that has the roles Storage Blob Delegator on the account and "
    "Storage Blob Data Contributor on the container"
)


def file_link(container: Container, name: str, *, hours: float) -> str:
    """A URL to which the object `name` can be PUT once, for any account.

    It creates a block blob of at most 5,000 MiB; it replaces, reads, lists and deletes nothing.
    Raises `StoreError`.
    """
    return _link(container, check_name(name), hours=hours)


def read_link(container: Container, name: str, *, hours: float) -> str:
    """A URL by which the object `name` can be read, and nothing else. Raises `StoreError`."""
    return _link(container, check_name(name), hours=hours, may={"read": True})


def folder_link(container: Container, folder: str, *, hours: float) -> str:
    """A URL of a folder below which objects can be added, and nothing replaced, read or listed.

    Azure knows folders only in accounts with a hierarchical namespace. Raises `StoreError`.
    """
    _check_can_sign(container)
    if not _is_hierarchical(container):
        raise InvalidAddress(
            f"account {container.account} has no hierarchical namespace, so that a link to the "
            f"folder {folder} would open the whole container: ask for a link to one file in it"
        )
    return _link(container, check_name(folder), hours=hours, is_folder=True)


def _link(
    container: Container,
    name: str,
    *,
    hours: float,
    is_folder: bool = False,
    may: Mapping[str, bool] = MappingProxyType({"create": True}),
) -> str:
    from azure.storage.blob import BlobSasPermissions, generate_blob_sas

    _check_can_sign(container)
    if not 0 < hours <= MAX_HOURS:
        raise InvalidAddress(f"a link can hold for up to {MAX_HOURS} hours, not {hours:g}")
    start = datetime.now(UTC) - _CLOCKS_DIFFER
    expiry = datetime.now(UTC) + timedelta(hours=hours)
    key = check_name(f"{container.root}{name}")
    # Not in the library's signature, which hands it on to where its Data Lake twin uses it.
    folder: dict[str, Any] = {"is_directory": True, "sdd": key.count("/") + 1} if is_folder else {}
    token = generate_blob_sas(
        container.account,
        container.container,
        key,
        permission=BlobSasPermissions(**may),
        start=start,
        expiry=expiry,
        protocol=None if container.endpoint.startswith("http:") else "https",
        **_signing_key(container, start, expiry),
        **folder,
    )
    return f"{container.location(name)}?{token}"


def _check_can_sign(container: Container) -> None:
    if container.sas_token:
        raise InvalidAddress(f"sas_token: a token cannot make another one: {_ENTER}")


def _signing_key(container: Container, start: datetime, expiry: datetime) -> dict[str, Any]:
    if container.account_key:
        return {"account_key": container.account_key}
    with _service(container) as client:
        return {"user_delegation_key": client.get_user_delegation_key(start, expiry)}


def _is_hierarchical(container: Container) -> bool:
    with _service(container) as client:
        return bool(client.get_account_information().get("is_hns_enabled"))


@contextmanager
def _service(container: Container) -> Iterator[BlobServiceClient]:
    from azure.core.exceptions import AzureError
    from azure.storage.blob import BlobServiceClient

    try:
        with BlobServiceClient(container.endpoint, container.credential) as client:
            yield client
    except AzureError as error:
        raise StoreUnavailable(
            f"account {container.account} gives no link: {summary(error)}: {_ENTER}"
        ) from None
