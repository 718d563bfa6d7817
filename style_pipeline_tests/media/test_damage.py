from dataclasses import replace
from pathlib import Path

import pytest
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from style_pipeline.media.damage import Columns, Damage, Damaged, drop_damaged
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import DamagedVideo
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.clips import H264, plain


def found(*times: int) -> Damage:
    damage = Damage(expected=True, is_taken=lambda time: time < 10_000)
    for time in times:
        damage.find(time)
    return damage


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> VideoFormat:
    clip = plain("a.mkv", *H264)(tmp_path_factory.mktemp("clip"))  # whose ticks are milliseconds
    return index_frames(Path(clip)).video


def columns(*pts: int) -> Columns:
    return {"frame": list(range(len(pts))), "pts": list(pts)}


def test_the_first_that_is_not_expected_ends_the_pass() -> None:
    with pytest.raises(Damaged):
        Damage(expected=False, is_taken=lambda time: True).find(40)
    assert found(40, 20_000).times == [40]
    assert found(20_000).is_any


def test_the_last_packets_are_damaged_where_no_picture_comes_of_them() -> None:
    damage = found()
    for pts in (0, 40, 160, 80, 120):
        packet: Packet[Stream] = Packet(b"picture")
        packet.pts = pts
        damage.send(packet, "hevc")
    frame = VideoFrame(16, 16)
    frame.pts, frame.duration = 40, 40
    assert damage.see(frame) is frame
    damage.end()
    assert damage.times == [160, 120]


def test_ends_are_dropped_and_what_is_between_is_refused(video: VideoFormat) -> None:
    rows = columns(40, 80, 120, 160)
    assert drop_damaged(rows, found(0, 160), video, conceal=False, reordered=1) == (
        "1 damaged frames before the first whole picture left out",
        "1 damaged frames at the end, where it is cut off, left out",
    )
    assert rows["pts"] == [40, 80, 120]
    with pytest.raises(DamagedVideo, match=r"^frame 1 is damaged$"):
        drop_damaged(columns(40, 80, 120, 160), found(80), video, conceal=False, reordered=0)
    with pytest.raises(DamagedVideo, match=r"^frame 0 is damaged, and what comes next to it$"):
        drop_damaged(columns(9000), found(-9000, 8000), video, conceal=False, reordered=0)


def test_what_is_concealed_stays_in_order(video: VideoFormat) -> None:
    rows = columns(40, 9000, 80, 60, 120)
    said = drop_damaged(rows, found(80), replace(video, concealed=True), conceal=True, reordered=0)
    assert rows == {"frame": [0, 1, 2], "pts": [40, 60, 120]}
    assert said == (
        "2 damaged frames whose times contradict those of others left out",
        "1 damaged frames between, shown as the decoder makes them up",
    )
