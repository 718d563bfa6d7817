"""One-time links, and what comes by those that are this service's own."""

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import AzureContainer
from pipeline_kit_tests.storage.test_sas import ask
from scoring_service import uploads
from scoring_service.drops import Drop
from scoring_service.errors import Refused
from scoring_service.uploads import HOURS, PARTS, Uploads
from style_pipeline.object_names import Video

VIDEO = Video("ink/2026-11-29-3f2a9c01/holiday.mp4")


class Inbox:
    """A folder that is uploaded to, and a clock."""

    def __init__(self, root: Path) -> None:
        self.now = 0.0
        self.media = Store(url=root.as_uri())
        self.uploads = Uploads(self.media, clock=lambda: self.now)
        self.root = root

    def link(self, size: int, video: Video = VIDEO, *, owner: str = "ann") -> str:
        link = self.uploads.link(owner, Drop(video, size, "strength = 0.50\n"))
        assert link.headers == {}
        assert link.url.startswith("/uploads/")
        return link.url.removeprefix("/uploads/")

    def send(self, token: str, *parts: bytes, length: int | None = None) -> None:
        async def come() -> AsyncIterator[bytes]:
            for part in parts:
                # What a sensor that looks now would take: nothing of this file.
                assert videos(self.media) == [] or length == -1
                yield part

        asyncio.run(self.uploads.receive(token, None if length == -1 else length, come()))

    @property
    def parts(self) -> list[str]:
        return [found.name for found in self.media.list(PARTS)]


def videos(media: Store) -> list[str]:
    return [each.name for each in media.list("videos") if not each.name.endswith("style.toml")]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def refused(inbox: Inbox, token: str, *parts: bytes, length: int | None = None) -> tuple[int, str]:
    with pytest.raises(Refused) as error:
        inbox.send(token, *parts, length=length)
    return error.value.status_code, str(error.value.detail)


def test_a_video_has_its_name_once_it_is_whole_and_its_settings_are_there_before(
    inbox: Inbox,
) -> None:
    token = inbox.link(6)
    settings = "videos/ink/2026-11-29-3f2a9c01/style.toml"
    assert inbox.media.read(settings) == b"strength = 0.50\n"
    inbox.send(token, b"abc", b"def", length=6)
    assert inbox.media.read(VIDEO.source) == b"abcdef"
    assert inbox.parts == []
    # Once, and nothing is replaced.
    assert refused(inbox, token, b"ABCDEF", length=-1)[0] == 404
    said = (409, "there is a video of that name already")
    assert refused(inbox, inbox.link(6), b"ABCDEF", length=-1) == said
    assert inbox.media.read(VIDEO.source) == b"abcdef"
    assert inbox.parts == []


@pytest.mark.parametrize(
    ("parts", "length", "status", "says"),
    [
        ((b"abc",), None, 422, "3 of 6 bytes came: upload it again"),
        ((b"abcd", b"efg"), None, 413, "the link is for 6 bytes, and more come"),
        ((b"abcdef",), 7, 422, "the link is for 6 bytes, and 7 come"),
    ],
)
def test_what_is_not_what_the_link_is_for_leaves_nothing_and_can_come_again(
    inbox: Inbox, parts: tuple[bytes, ...], length: int | None, status: int, says: str
) -> None:
    token = inbox.link(6)
    assert refused(inbox, token, *parts, length=length) == (status, says)
    assert videos(inbox.media) == inbox.parts == []
    inbox.send(token, b"abcdef")
    assert videos(inbox.media) == [VIDEO.source]


def test_a_link_that_nobody_made_or_that_is_over_takes_nothing(inbox: Inbox) -> None:
    token = inbox.link(6)
    said = (404, "there is no such link, or it was used: ask for another")
    assert refused(inbox, "x" * 43, b"abcdef") == said
    inbox.now += HOURS * 3600 + 1
    assert refused(inbox, token, b"abcdef") == said


def test_an_upload_that_breaks_off_or_stalls_leaves_nothing(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "STALLED_SECONDS", 0.05)
    token = inbox.link(6)

    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"abc"
        raise ClientDisconnect

    async def stalls() -> AsyncIterator[bytes]:
        yield b"abc"
        await asyncio.sleep(60)

    for coming, kind in ((breaks_off(), ClientDisconnect), (stalls(), Refused)):
        with pytest.raises(kind):
            asyncio.run(inbox.uploads.receive(token, 6, coming))
        assert videos(inbox.media) == inbox.parts == []
    inbox.send(token, b"abcdef")


def test_one_that_drips_ends_and_one_that_is_steady_may_take_its_time(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "STALLED_SECONDS", 0.2)
    monkeypatch.setattr(uploads, "LEAST_BYTES_PER_SECOND", 1000)
    token = inbox.link(1000)

    async def come(size: int) -> AsyncIterator[bytes]:
        for _ in range(1000 // size):
            yield bytes(size)
            await asyncio.sleep(0.04)

    began = time.monotonic()
    with pytest.raises(Refused) as error:
        asyncio.run(inbox.uploads.receive(token, 1000, come(1)))
    assert error.value.status_code == 408
    assert time.monotonic() - began < 2
    assert videos(inbox.media) == inbox.parts == []
    asyncio.run(inbox.uploads.receive(token, 1000, come(100)))
    assert videos(inbox.media) == [VIDEO.source]


def test_one_link_takes_one_upload_at_a_time_and_nobody_takes_all_places(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 2)
    inbox = Inbox(tmp_path)
    first, other = inbox.link(6), inbox.link(6, Video("ink/other/holiday.mp4"))
    somebody_else = inbox.link(6, Video("ink/third/holiday.mp4"), owner="bob")

    async def comes(free: asyncio.Event) -> AsyncIterator[bytes]:
        yield b"abc"
        await free.wait()
        yield b"def"

    async def run() -> list[int]:
        free = asyncio.Event()
        coming = asyncio.create_task(inbox.uploads.receive(first, 6, comes(free)))
        await asyncio.sleep(0.05)
        statuses = []
        for token in (first, other):
            with pytest.raises(Refused) as error:
                await inbox.uploads.receive(token, 6, comes(free))
            statuses.append(error.value.status_code)
        free.set()
        await inbox.uploads.receive(somebody_else, 6, comes(free))
        await coming
        return statuses

    assert asyncio.run(run()) == [409, 429]
    assert len(videos(inbox.media)) == 2
    inbox.send(other, b"abcdef", length=-1)


def test_memory_is_bounded_as_bytes_go_to_the_disk_as_they_come(inbox: Inbox) -> None:
    part, count = bytes(1 << 20), 64
    sizes: list[int] = []

    async def come() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield part
            (partial,) = (inbox.root / PARTS).iterdir()
            sizes.append(partial.stat().st_size)

    asyncio.run(inbox.uploads.receive(inbox.link(count << 20), None, come()))
    assert all(size >= (place << 20) for place, size in enumerate(sizes))


def test_what_a_process_that_was_killed_left_is_removed_after_a_day(inbox: Inbox) -> None:
    for name, age in (("old", 90_000), ("new", 10)):
        inbox.media.write(f"{PARTS}/{name}", b"part")
        path = inbox.root / PARTS / name
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    inbox.link(6)
    assert inbox.parts == [f"{PARTS}/new"]


def test_a_full_disk_is_said_and_leaves_nothing(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploads, "_to_disk", full)
    assert refused(inbox, inbox.link(6), b"abcdef")[0] == 507
    assert videos(inbox.media) == inbox.parts == []


def test_to_a_container_the_link_is_one_of_azure_s_own(azure_container: AzureContainer) -> None:
    media = azure_container.store()
    links = Uploads(media)
    link = links.link("ann", Drop(VIDEO, 4, "strength = 0.50\n"))
    assert link.headers == {"x-ms-blob-type": "BlockBlob"}
    assert link.url.startswith(f"{links.media_origin}/")
    assert ask(link.url, "PUT", b"film") == 201
    assert ask(link.url, "PUT", b"FILM") != 201
    assert ask(link.url, "GET") in (401, 403)
    assert media.read(VIDEO.source) == b"film"
    assert media.read("videos/ink/2026-11-29-3f2a9c01/style.toml") == b"strength = 0.50\n"
