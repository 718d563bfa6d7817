"""Bytes to and from what obstore opens, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import AzureStore, LocalStore

_PART = 4 << 20  # bytes in memory at once, times _PARTS
_PARTS = 4


def get(objects: LocalStore | AzureStore, key: str, *, etag: str | None = None) -> Iterator[bytes]:
    """An object's bytes in parts; `etag` is sent along as the version that it has to be."""
    options: GetOptions = {} if etag is None else {"if_match": f'"{etag}"'}
    yield from objects.get(key, options=options).stream(min_chunk_size=_PART)


def put(
    objects: LocalStore | AzureStore,
    key: str,
    data: bytes | Path,
    *,
    content_type: str | None = None,
) -> None:
    """Put bytes or a file there, which appear when they are whole."""
    options: dict[str, Any] = {"attributes": {"Content-Type": content_type}} if content_type else {}
    objects.put(key, data, chunk_size=_PART, max_concurrency=_PARTS, **options)


def rename(objects: LocalStore | AzureStore, key: str, to: str) -> None:
    """Where something has that name already, nothing is changed and obstore's error raised."""
    objects.rename(key, to, overwrite=False)
