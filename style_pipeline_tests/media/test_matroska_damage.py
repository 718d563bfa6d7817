from pathlib import Path

import av
import pytest

from style_pipeline.media.matroska_damage import holes
from style_pipeline_tests.clips import H264, moving, plain

CLUSTERS = ["-g", "12", "-cluster_time_limit", "500"]


@pytest.mark.parametrize("padding", [0, 4000])
def test_a_whole_file_has_none_whatever_follows_it(padding: int, tmp_path: Path) -> None:
    source = plain("a.mkv", *H264, *CLUSTERS, inputs=moving(frames=75))(tmp_path)
    source.write_bytes(source.read_bytes() + bytes(padding))
    level = av.logging.get_level()
    assert holes(source) == []
    assert av.logging.get_level() == level


def test_it_is_told_where_the_file_goes_on(tmp_path: Path) -> None:
    source = plain("a.mkv", *H264, *CLUSTERS, inputs=moving(frames=75))(tmp_path)
    data = bytearray(source.read_bytes())
    third = len(data) // 3
    data[third : third + len(data) // 10] = bytes(len(data) // 10)
    source.write_bytes(data)
    (at,) = holes(source)
    assert 0.5 < at < 2.5


def test_other_containers_are_not_asked(tmp_path: Path) -> None:
    assert holes(plain("a.ts", *H264)(tmp_path)) == []
