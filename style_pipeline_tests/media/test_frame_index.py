from pathlib import Path

import pytest

from style_pipeline.media.frame_index import read_index, write_index
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.media.conftest import Clips


@pytest.mark.parametrize("name", ["vfr_mp4", "rotated_non_square", "avi_ntsc", "mpeg_ts"])
def test_an_index_is_read_as_it_was_written(name: str, clip: Clips, tmp_path: Path) -> None:
    index = index_frames(clip(name), upload="0x8DC", max_chunks=4, min_frames=5)
    write_index(index, tmp_path / "frames.parquet")
    read = read_index(tmp_path / "frames.parquet")
    assert (read.video, read.chunks, read.upload) == (index.video, index.chunks, "0x8DC")
    assert read.rows.equals(index.rows)
    assert read.content_hash == index.content_hash


def test_the_content_hash_sees_pictures_and_times(clip: Clips, tmp_path: Path) -> None:
    indexes = [index_frames(clip(name)) for name in ("cfr_25", "cfr_50", "rotated_90", "vfr_mp4")]
    assert len({index.content_hash for index in indexes}) == 4
