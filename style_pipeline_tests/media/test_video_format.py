import json
from pathlib import Path

import pyarrow.parquet as pq

from style_pipeline.media.frame_index import read_index, write_index
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.media.conftest import Clips


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
