from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from hypothesis import given, settings
from hypothesis import strategies as st

from style_pipeline.media import range_reader
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.source import UnreadableVideo, open_video
from style_pipeline_tests.clips import CLIPS, CONVERTED, H264, ffmpeg, moving, plain
from style_pipeline_tests.media.conftest import Clips


def decode(path: Path) -> tuple[FrameIndex, list[Picture]]:
    pictures: list[Picture] = []
    return index_frames(path, on_frame=lambda number, planes: pictures.append(planes)), pictures


@pytest.mark.parametrize("name", CLIPS | CONVERTED)
def test_every_range_is_what_decoding_from_the_start_gives(name: str, clip: Clips) -> None:
    index, pictures = decode(clip(name))
    frames = st.integers(0, len(index) - 1)

    @settings(max_examples=12, deadline=None)
    @given(frames, frames)
    def check(one: int, other: int) -> None:
        chunk = range(min(one, other), max(one, other) + 1)
        found = list(read_range(clip(name), index, chunk))
        np.testing.assert_array_equal(found, pictures[chunk.start : chunk.stop])

    check()


def test_an_empty_range_has_no_pictures(clip: Clips) -> None:
    index, _ = decode(clip("cfr_25"))
    assert list(read_range(clip("cfr_25"), index, range(5, 5))) == []


@pytest.fixture(scope="module")
def long_broadcast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    open_gop = [*H264, "-x264-params", "open-gop=1:keyint=8:scenecut=0"]
    make = plain("long.ts", *open_gop, inputs=moving(frames=200))
    return make(tmp_path_factory.mktemp("broadcast"))


@dataclass
class LateSeeks:
    """A container that counts seeks, and lands behind where it was asked to."""

    container: InputContainer
    offsets: list[int]
    late: int

    def seek(self, offset: int, *, stream: VideoStream) -> None:
        self.offsets.append(offset)
        self.container.seek(offset + self.late, stream=stream)

    def demux(self, stream: VideoStream) -> "Iterator[Packet[VideoStream]]":
        return self.container.demux(stream)


@pytest.mark.parametrize("late", [0, 3, 20, 100])
def test_a_seek_that_lands_late_is_made_good_from_further_back(
    late: int, long_broadcast: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, pictures = decode(long_broadcast)
    offsets: list[int] = []

    @contextmanager
    def open_late(path: Path, **options: Any) -> Iterator[tuple[LateSeeks, VideoStream]]:
        with open_video(path, **options) as (container, stream):
            yield LateSeeks(container, offsets, late * 3600), stream

    monkeypatch.setattr(range_reader, "open_video", open_late)
    found = list(read_range(long_broadcast, index, range(150, 160)))
    np.testing.assert_array_equal(found, pictures[150:160])
    assert len(offsets) <= 6


def test_a_file_that_has_changed_under_its_index_is_refused(clip: Clips, tmp_path: Path) -> None:
    index = index_frames(clip("cfr_25"))
    changed = tmp_path / "other.mp4"
    ffmpeg("-i", clip("cfr_25"), "-vf", "negate", *H264, changed)
    with pytest.raises(UnreadableVideo, match=r"frame 5 of other\.mp4 is not the frame that was"):
        list(read_range(changed, index, range(5, 10)))


def test_a_file_that_has_become_shorter_is_refused(clip: Clips, tmp_path: Path) -> None:
    index = index_frames(clip("cfr_25"))
    shorter = plain("shorter.mp4", *H264, inputs=moving(frames=20))(tmp_path)
    reader = read_range(shorter, index, range(16, 24))
    with pytest.raises(UnreadableVideo, match="is not the frame that was indexed"):
        list(reader)
