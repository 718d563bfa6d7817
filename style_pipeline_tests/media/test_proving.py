"""What decoders without a word make something else of each time is damaged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.proving import proven
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.source import UnreadableVideo
from style_pipeline_tests.clips import moving, plain
from style_pipeline_tests.media.films import make_film

BARE_HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain("clip.mov", "-c:v", "mjpeg")(tmp_path_factory.mktemp("proving"))


def seen_otherwise(index: FrameIndex, *rows: int) -> FrameIndex:
    """An index as if some frames had looked otherwise when they were indexed."""
    checksums = index.checksums.copy()
    checksums[list(rows)] ^= 1
    place = index.rows.column_names.index("checksum")
    return replace(
        index, rows=index.rows.set_column(place, "checksum", pa.array(checksums, pa.uint32()))
    )


def test_frames_that_stay_the_same_are_proven(clip: Path) -> None:
    index = index_frames(clip, max_chunks=3)
    assert proven(clip, index) is index


def test_a_frame_between_that_does_not_is_damaged(clip: Path) -> None:
    index = seen_otherwise(index_frames(clip, max_chunks=3), 5)
    with pytest.raises(UnreadableVideo, match=r"^frame 5 is damaged"):
        proven(clip, index)


def test_it_is_shown_as_it_comes_where_damage_is_concealed(clip: Path) -> None:
    whole = index_frames(clip, max_chunks=3)
    index = proven(clip, seen_otherwise(whole, 5, 17), conceal=True)
    assert index.left_out == (
        "frame 5 and maybe others are damaged, shown as the decoder makes them up",
    )
    for chunk in index.chunks:
        ours, theirs = read_range(clip, index, chunk), read_range(clip, whole, chunk)
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_frames_at_the_end_that_do_not_are_left_out(clip: Path) -> None:
    whole = index_frames(clip, max_chunks=24)
    index = proven(clip, seen_otherwise(whole, 22, 23))
    assert (len(index), index.chunks[-1], len(index.chunks)) == (22, range(21, 22), 22)
    assert index.left_out == ("2 damaged frames at the end, where it is cut off, left out",)
    assert index.seconds == 22 * whole.seconds / 24


@pytest.mark.parametrize("name", ["a.hevc", "a.ts"])
def test_hevc_may_end_within_a_picture(name: str, tmp_path: Path) -> None:
    make = plain(f"whole{Path(name).suffix}", *BARE_HEVC, inputs=moving("160x120"))
    data = make(tmp_path).read_bytes()
    for share in (0.66, 0.81):
        source = tmp_path / name
        source.write_bytes(data[: int(len(data) * share)])
        film = make_film(source, tmp_path / f"film{share}", chunks=3)
        assert film.wrong() == []
        assert 8 <= len(film.index) < 24
