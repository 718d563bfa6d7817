from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType

from style_pipeline.media.encoding import Encoder
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.segment import BrokenSegment, Origin, verify_segment, write_segment
from style_pipeline_tests.media.conftest import Clips
from style_pipeline_tests.media.films import LOSSLESS, origin, paint


@pytest.fixture(scope="module")
def index(clip: Clips) -> FrameIndex:
    return index_frames(clip("vfr_mp4"))


@pytest.fixture
def segment(clip: Clips, index: FrameIndex, tmp_path: Path) -> Path:
    return written(tmp_path / "segment.mp4", clip, index, range(5, 14))


def written(
    path: Path, clip: Clips, index: FrameIndex, frames: range, encoder: Encoder = LOSSLESS
) -> Path:
    write(path, paint(clip("vfr_mp4"), index, frames), index, frames, encoder)
    return path


def write(
    path: Path,
    pictures: list[Picture],
    index: FrameIndex,
    frames: range,
    encoder: Encoder = LOSSLESS,
) -> None:
    write_segment(path, pictures, index, frames, encoder=encoder, origin=origin(index))


def test_a_segment_starts_with_an_idr_frame_and_is_closed(
    clip: Clips, index: FrameIndex, tmp_path: Path
) -> None:
    path = written(tmp_path / "s.mp4", clip, index, range(3, 16), Encoder())
    with av.open(str(path)) as container:
        kinds = [frame.pict_type for frame in container.decode(container.streams.video[0])]
    assert kinds[0] == PictureType.I
    assert PictureType.B in kinds
    assert len(kinds) == 13


def test_writing_a_segment_again_gives_the_same_bytes(
    clip: Clips, index: FrameIndex, segment: Path, tmp_path: Path
) -> None:
    again = written(tmp_path / "again.mp4", clip, index, range(5, 14))
    assert again.read_bytes() == segment.read_bytes()


def test_a_whole_segment_is_verified(index: FrameIndex, segment: Path) -> None:
    decoding_order = verify_segment(segment, index, range(5, 14), origin=origin(index))
    assert sorted(decoding_order) == index.pts[5:14].tolist()


@pytest.mark.parametrize("frames", [range(5, 13), range(4, 14), range(6, 15), range(5, 15)])
def test_a_segment_of_other_frames_is_refused(
    frames: range, index: FrameIndex, segment: Path
) -> None:
    with pytest.raises(BrokenSegment, match=r"segment\.mp4 holds 9 frames, not frames"):
        verify_segment(segment, index, frames, origin=origin(index))


@pytest.mark.parametrize("other", [Origin("0123", "cafe"), Origin("", "beef")])
def test_a_segment_of_another_upload_or_look_is_refused(
    other: Origin, index: FrameIndex, segment: Path
) -> None:
    expected = replace(other, index_hash=other.index_hash or index.content_hash)
    with pytest.raises(BrokenSegment, match="made from another upload or look: backfill"):
        verify_segment(segment, index, range(5, 14), origin=expected)


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.9])
def test_a_truncated_segment_is_refused(kept: float, index: FrameIndex, segment: Path) -> None:
    whole = segment.read_bytes()
    segment.write_bytes(whole[: int(kept if kept >= 1 else len(whole) * kept)])
    with pytest.raises(BrokenSegment, match=r"segment\.mp4"):
        verify_segment(segment, index, range(5, 14), origin=origin(index))


def test_a_file_that_is_no_segment_of_ours_is_refused(clip: Clips, index: FrameIndex) -> None:
    with pytest.raises(BrokenSegment, match="does not say what it was made from"):
        verify_segment(clip("vfr_mp4"), index, range(16), origin=origin(index))


@pytest.mark.parametrize("count", [0, 8, 10])
def test_a_picture_too_few_or_too_many_is_refused(
    count: int, clip: Clips, index: FrameIndex, tmp_path: Path
) -> None:
    pictures = paint(clip("vfr_mp4"), index, range(5, 5 + count))
    with pytest.raises(BrokenSegment):
        write(tmp_path / "s.mp4", pictures, index, range(5, 14))


def test_pictures_of_another_size_are_refused(index: FrameIndex, tmp_path: Path) -> None:
    pictures = [np.zeros((24 * 3 // 2, 32), np.uint8)]
    with pytest.raises(BrokenSegment, match=r"has shape \(36, 32\), not \(72, 64\)"):
        write(tmp_path / "s.mp4", pictures, index, range(1))
