import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from style_pipeline.media.frame_index import read_index, write_index
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline_tests.clips import CLIPS, CONVERTED
from style_pipeline_tests.media.conftest import Clips


@pytest.mark.parametrize("name", ["vfr_mp4", "rotated_non_square", "avi_ntsc", "mpeg_ts"])
def test_an_index_is_read_as_it_was_written(name: str, clip: Clips, tmp_path: Path) -> None:
    index = index_frames(clip(name), upload="0x8DC", max_chunks=4, min_frames=5)
    write_index(index, tmp_path / "frames.parquet")
    read = read_index(tmp_path / "frames.parquet")
    assert (read.video, read.chunks, read.upload) == (index.video, index.chunks, "0x8DC")
    assert read.rows.equals(index.rows)
    assert read.content_hash == index.content_hash


@pytest.mark.parametrize("name", ["cfr_25", "ten_bit_hevc", "gif"])
def test_indexing_again_gives_the_same_index(name: str, clip: Clips) -> None:
    assert index_frames(clip(name)).rows.equals(index_frames(clip(name)).rows)


def test_the_content_hash_sees_pictures_and_times(clip: Clips, tmp_path: Path) -> None:
    indexes = [index_frames(clip(name)) for name in ("cfr_25", "cfr_50", "rotated_90", "vfr_mp4")]
    assert len({index.content_hash for index in indexes}) == 4


@pytest.mark.parametrize("name", CLIPS | CONVERTED)
def test_every_frame_is_handed_on_in_order_with_its_number(name: str, clip: Clips) -> None:
    seen: list[tuple[int, Picture]] = []
    index = index_frames(clip(name), on_frame=lambda number, planes: seen.append((number, planes)))
    assert [number for number, _ in seen] == list(range(len(index)))
    assert all(planes.dtype == np.uint8 and planes.flags.c_contiguous for _, planes in seen)
    assert index.rows["frame"].to_pylist() == list(range(len(index)))


def test_progress_is_told_with_what_the_header_promises(clip: Clips) -> None:
    told: list[tuple[int, int]] = []
    index_frames(clip("cfr_25"), on_progress=lambda done, promised: told.append((done, promised)))
    assert told == [(done + 1, 24) for done in range(24)]


def test_a_frame_lasts_until_the_next_one(clip: Clips) -> None:
    index = index_frames(clip("vfr_mp4"))
    durations = index.rows["duration"].to_pylist()
    assert durations[:-1] == np.diff(index.pts).tolist()
    assert durations[-1] > 0
    assert index.seconds == sum(durations) * index.video.time_base


def test_an_index_of_an_earlier_version_is_read_and_names_the_same_pictures(
    clip: Clips, tmp_path: Path
) -> None:
    path = tmp_path / "frames.parquet"
    index = index_frames(clip("cfr_25"))
    write_index(index, path)
    table = pq.read_table(path)
    header = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
    video = json.loads(header["video"])
    for later in ("track", "crop", "counted", "damaged"):
        del video[later]
    earlier = {"video": json.dumps(video), "chunks": header["chunks"], "upload": "0x1"}
    pq.write_table(table.replace_schema_metadata(earlier), path)
    read = read_index(path)
    assert (read.video, read.left_out) == (index.video, ())
    assert read.content_hash == index.content_hash
    assert read.video.identity == (
        "VideoFormat(codec='h264', pixel_format='yuv420p', width=64, height=48, "
        "time_base=Fraction(1, 12800), average_rate=Fraction(25, 1), "
        "sample_aspect_ratio=Fraction(1, 1), rotation=0, mirrored=False, matrix='bt601', "
        "full_range=False, colorspace=2, color_primaries=2, color_trc=2, start=Fraction(0, 1))"
    )
