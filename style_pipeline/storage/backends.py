"""From a store's settings to what is behind them."""

import re
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from style_pipeline.storage.container import Container
from style_pipeline.storage.folder import Folder
from style_pipeline.storage.objects import StoreError, check_name

Backend = Folder | Container

_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


@lru_cache(maxsize=16)
def open_backend(*, url: str, endpoint: str, sas_token: str, account_key: str) -> Backend:
    """The folder or container that a store's settings name.

    Raises `StoreError` naming the setting that is wrong; no message shows a secret.
    """
    parts = urlsplit(url)
    # A SAS URL pasted whole must not reach a log.
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise StoreError(
            f"url: {shown} is followed by a query, a fragment or a login: remove it"
            " (a SAS token belongs in sas_token)"
        )
    if parts.scheme == "file":
        return _folder(Path(unquote(parts.path)), shown, host=parts.netloc)
    if parts.scheme == "az":
        container, _, prefix = parts.path.strip("/").partition("/")
        if not _ACCOUNT.fullmatch(parts.netloc) or not _CONTAINER.fullmatch(container):
            raise StoreError(f"url: {shown} should read az://account/container")
        if sas_token and account_key:
            raise StoreError("account_key: there is a sas_token too: set one of them")
        return Container(
            account=parts.netloc,
            container=container,
            prefix=check_name(prefix) if prefix else "",
            endpoint=_endpoint(endpoint, parts.netloc, account_key=account_key),
            sas_token=sas_token.removeprefix("?"),
            account_key=account_key,
        )
    raise StoreError(f"url: {shown!r} should be file:///folder or az://account/container")


def folder_to_come(url: str) -> Path | None:
    """The folder that `open_backend` would create, or None where there is nothing to create."""
    parts = urlsplit(url)
    root = Path(unquote(parts.path))
    is_folder = parts.scheme == "file" and parts.netloc in ("", "localhost")
    return root if is_folder and not root.exists() else None


def _folder(root: Path, shown: str, *, host: str) -> Folder:
    if host not in ("", "localhost") or not root.is_absolute():
        raise StoreError(f"url: {shown} should name a folder from the root: file:///folder")
    try:
        return Folder(root)
    except OSError as error:
        raise StoreError(f"url: the folder {root} cannot be created: {error.strerror}") from None


def _endpoint(endpoint: str, account: str, *, account_key: str) -> str:
    parts = urlsplit(endpoint or f"https://{account}.blob.core.windows.net")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise StoreError("endpoint: it should read https://account.blob.core.windows.net")
    local = _is_loopback(parts.hostname)
    if parts.scheme == "http" and not local:
        raise StoreError(f"endpoint: http is for this machine only: use https://{parts.netloc}")
    if account_key and not local:
        raise StoreError(
            "account_key: it opens the whole account, and is for the emulator on this machine"
            " only: use sas_token, or no secret and an identity"
        )
    return parts.geturl().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
