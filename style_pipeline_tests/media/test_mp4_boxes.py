"""The boxes of an MP4 file."""

import struct
from io import BytesIO
from pathlib import Path

from style_pipeline.media.mp4_boxes import Box, boxes, has_lost_fragments
from style_pipeline_tests.clips import H264, moving, plain


def test_they_are_told_in_order_and_fill_the_file(tmp_path: Path) -> None:
    path = plain("a.mp4", *H264)(tmp_path)
    with path.open("rb") as file:
        found = list(boxes(file))
    assert [box.kind for box in found if box.kind != b"free"] == [b"ftyp", b"mdat", b"moov"]
    assert [box.at + box.size for box in found] == [
        *(b.at for b in found[1:]),
        len(path.read_bytes()),
    ]


def test_a_size_may_be_large_or_up_to_the_end_and_ends_where_it_is_impossible() -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 24) + bytes(8)
    rest = struct.pack(">I4s", 0, b"free") + bytes(12)
    assert list(boxes(BytesIO(large + rest))) == [Box(b"mdat", 0, 24), Box(b"free", 24, 20)]
    broken = struct.pack(">I4s", 3, b"moov") + bytes(24)
    assert list(boxes(BytesIO(large + broken))) == [Box(b"mdat", 0, 24), Box(b"moov", 24, 3)]
    assert list(boxes(BytesIO(b"short"))) == []


def test_fragments_after_a_damaged_one_are_lost_and_a_cut_end_is_not(tmp_path: Path) -> None:
    fragments = ["-g", "6", "-movflags", "frag_keyframe+empty_moov"]
    path = plain("a.mp4", *H264, *fragments, inputs=moving(frames=75))(tmp_path)
    data = path.read_bytes()
    assert not has_lost_fragments(path)
    path.write_bytes(data[: len(data) * 2 // 3])
    assert not has_lost_fragments(path)
    second = data.index(b"moof", data.index(b"moof") + 4)
    for damaged in (
        data[: second - 4] + bytes(8) + data[second + 4 :],
        data[: second - 9] + data[second - 4 :],
    ):
        path.write_bytes(damaged)
        assert has_lost_fragments(path)
