"""Links by which a video is uploaded once, straight to storage.

To a container it is a SAS of Azure. To a folder it is a URL of this service, which writes to the
disk as bytes come, and gives the file its name when it is whole.
"""

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import IO, Final
from urllib.parse import urlsplit
from uuid import uuid4

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from scoring_service.access import ConcurrencyLimit, hash_of
from scoring_service.drops import Drop
from scoring_service.errors import Refused, too_large

HOURS: Final = 2
"""A link is open for."""
AT_ONCE: Final = 16
"""Videos that may be on their way to this service."""
STALLED_SECONDS: Final = 60.0
LEAST_BYTES_PER_SECOND: Final = 50_000
"""Of an upload: one that falls behind that rate by so many seconds is over."""
PARTS: Final = ".studio"
"""Of the media store: what has not come whole. It lies on the same disk, and nobody looks there."""
_DAY: Final = 86_400


@dataclass(frozen=True)
class Link:
    """What a browser is to do with the file: PUT it to `url`, with those headers."""

    url: str
    headers: Mapping[str, str]


@dataclass(eq=False)
class _Expected:
    owner: str
    drop: Drop
    until: float
    is_coming: bool = False


class Uploads:
    """Links to one media store."""

    def __init__(self, media: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.media, self._clock = media, clock
        self._expected: dict[str, _Expected] = {}
        self._coming = ConcurrencyLimit(AT_ONCE, what="videos", wait_seconds=30)

    @property
    def is_local(self) -> bool:
        return self.media.url.startswith("file:")

    @property
    def media_origin(self) -> str:
        """What a page has to be allowed to reach; nothing where that is this service."""
        parts = urlsplit(self.media.location(""))
        return "" if self.is_local else f"{parts.scheme}://{parts.netloc}"

    def link(self, owner: str, drop: Drop) -> Link:
        """For one video of somebody; its settings are there first. Raises `StoreError`."""
        if not self.is_local:
            url = self.media.upload_link(drop.video.source, hours=HOURS)
            self._put_settings(drop)
            return Link(url, {"x-ms-blob-type": "BlockBlob"})
        self._tidy()
        self._put_settings(drop)
        token, now = token_urlsafe(32), self._clock()
        # A hash, so that a copy of the memory opens nothing, and no comparison is timed.
        self._expected[hash_of(token)] = _Expected(owner, drop, now + HOURS * 3600)
        return Link(f"/uploads/{token}", {})

    def _put_settings(self, drop: Drop) -> None:
        if drop.settings:
            self.media.write(drop.settings_file, drop.settings.encode())

    async def receive(self, token: str, length: int | None, parts: AsyncIterator[bytes]) -> None:
        """Write what comes by a link of ours. Raises `Refused`; then nothing is left of it, and the
        link stays open, as one of Azure does."""
        key = hash_of(token)
        expected = self._expected.get(key)
        if expected is None or expected.until < self._clock():
            raise Refused(404, "there is no such link, or it was used: ask for another")
        if expected.is_coming:
            raise Refused(409, "the video is on its way already")
        if length not in (None, expected.drop.size):
            raise Refused(422, f"the link is for {expected.drop.size} bytes, and {length} come")
        partial = Path(self.media.location(f"{PARTS}/{uuid4().hex}"))
        expected.is_coming = True
        try:
            with self._coming.take(expected.owner):
                await self._write(partial, parts, expected.drop.size)
                await asyncio.to_thread(self._place, partial, expected.drop.video.source)
            del self._expected[key]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise Refused(507, "the disk is full: tell whoever runs this service") from error
        finally:
            expected.is_coming = False
            partial.unlink(missing_ok=True)

    async def _write(self, partial: Path, parts: AsyncIterator[bytes], size: int) -> None:
        came, coming = 0, aiter(parts)
        clock, patience = asyncio.get_running_loop().time, STALLED_SECONDS
        partial.parent.mkdir(exist_ok=True)
        with partial.open("xb") as file:
            while True:
                began = clock()
                try:
                    part = await asyncio.wait_for(anext(coming), patience)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    raise Refused(408, "the video comes too slowly: upload it again") from None
                # What came makes up for waiting, and a fast start for no longer pause.
                gained = len(part) / LEAST_BYTES_PER_SECOND - (clock() - began)
                patience = min(STALLED_SECONDS, patience + gained)
                came += len(part)
                if came > size:
                    raise too_large(f"the link is for {size} bytes, and more come")
                await asyncio.to_thread(file.write, part)
            if came < size:
                raise Refused(422, f"{came} of {size} bytes came: upload it again")
            await asyncio.to_thread(_to_disk, file)

    def _place(self, partial: Path, name: str) -> None:
        try:
            self.media.rename(f"{PARTS}/{partial.name}", name)
        except StoreError:
            if partial.exists() and Path(self.media.location(name)).exists():
                raise Refused(409, "there is a video of that name already") from None
            raise

    def _tidy(self) -> None:
        """Forget links that are over, and remove what a process that was killed left."""
        now = self._clock()
        self._expected = {
            key: each for key, each in self._expected.items() if each.until > now or each.is_coming
        }
        for found in self.media.list(PARTS):
            if found.modified < time.time() - _DAY:
                self.media.delete(found.name)


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
