from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import AAC, H264, Maker, moving, plain, tone
from style_pipeline_tests.media.films import make_film, shown, times
from style_pipeline_tests.real_files import SOUND

X265 = ["-preset", "ultrafast", "-x265-params", "log-level=none"]


def damaged(name: str, *arguments: str, number: int) -> Maker:
    """A clip of which one coded picture has other bytes from a third on."""

    def make(folder: Path) -> Path:
        whole = plain(f"whole-{name}", *arguments, inputs=moving(frames=150))(folder)
        output = folder / name
        with av.open(str(whole)) as source, av.open(str(output), "w") as container:
            pictures = source.streams.video[0]
            track = container.add_stream_from_template(pictures)
            for place, packet in enumerate(source.demux(pictures)):
                if packet.dts is None:
                    continue
                if place == number:
                    data = bytearray(bytes(packet))
                    third = len(data) // 3
                    data[third:] = bytes(byte ^ 0x55 for byte in data[third:])
                    other = av.Packet(bytes(data))
                    other.pts, other.dts, other.time_base = packet.pts, packet.dts, packet.time_base
                    other.duration, other.is_keyframe = packet.duration, packet.is_keyframe
                    other.stream = track
                    container.mux(other)
                else:
                    packet.stream = track
                    container.mux(packet)
        return output

    return make


DAMAGED = {
    "h264_ts": damaged("a.ts", *H264, "-g", "25", number=75),
    "mpeg2_ts": damaged("a.ts", "-c:v", "mpeg2video", "-g", "15", number=90),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_in_the_middle_is_refused_unless_it_is_to_be_concealed(
    name: str, tmp_path: Path
) -> None:
    source = DAMAGED[name](tmp_path)
    with pytest.raises(UnreadableVideo, match=r"frame \d+ is damaged"):
        index_frames(source)
    film = make_film(source, tmp_path / "film", chunks=3, conceal=True)
    assert film.wrong() == []
    assert len(film.index) >= 149
    assert any("as the decoder makes them up" in said for said in film.index.left_out)


def without_its_middle(name: str, *arguments: str, blank: bool) -> Maker:
    """A clip of which a tenth is zeros, or is not there."""

    def make(folder: Path) -> Path:
        source = plain(name, *arguments, inputs=moving(frames=75) + tone(3))(folder)
        data = source.read_bytes()
        begin, length = len(data) * 2 // 5, len(data) // 10
        data = data[:begin] + bytes(length if blank else 0) + data[begin + length :]
        source.write_bytes(data)
        return source

    return make


WITH_B_FRAMES = ["-c:v", "libx264", "-bf", "3", "-g", "12"]
# fmt: off
INTERRUPTED = {
    "adts": without_its_middle("a.ts", *WITH_B_FRAMES, *AAC, blank=True),
    "adts_gone": without_its_middle("a.ts", *WITH_B_FRAMES, *AAC, blank=False),
    "flv": without_its_middle("a.flv", *WITH_B_FRAMES, *AAC, blank=False),
    "mp4": without_its_middle("a.mp4", *WITH_B_FRAMES, *AAC, blank=True),
    "mp2": without_its_middle("a.vob", "-c:v", "mpeg2video", "-c:a", "mp2", blank=True),
    "matroska": without_its_middle(
        "a.mkv", *WITH_B_FRAMES, *AAC, "-cluster_time_limit", "600", blank=True
    ),
    "webm": without_its_middle(
        "a.webm", "-c:v", "libvpx-vp9", "-g", "12", "-deadline", "realtime", "-c:a", "libopus",
        "-cluster_time_limit", "600", blank=True,
    ),
    "pcm": without_its_middle("a.mxf", "-c:v", "mpeg2video", "-c:a", "pcm_s16le", blank=True),
}
# fmt: on


UNTOLD = {"pcm"}
"""MXF does not tell that something is missing."""


@pytest.mark.parametrize("name", INTERRUPTED)
def test_what_is_missing_in_the_middle_costs_no_more_than_that(name: str, tmp_path: Path) -> None:
    source = INTERRUPTED[name](tmp_path)
    if name not in UNTOLD:
        with pytest.raises(UnreadableVideo, match=r"is (damaged|not later than)"):
            plan_tracks(source, track=index_frames(source).video.track)
    film = make_film(source, tmp_path / "film", chunks=3, conceal=True)
    assert film.wrong() == [], film.check()
    assert len(film.index) >= 45
    assert np.all(np.diff(film.index.pts) > 0)
    assert len(film.plan.audio) == 1


@pytest.mark.parametrize("blank", [True, False])
def test_what_a_decoder_makes_nothing_of_is_said(blank: bool, tmp_path: Path) -> None:
    """That of HEVC gives no more pictures, and no error, when those that they refer to are gone."""
    source = without_its_middle("a.ts", "-c:v", "libx265", *X265, *AAC, blank=blank)(tmp_path)
    with pytest.raises(UnreadableVideo, match=r"frame \d+ is damaged"):
        index_frames(source)
    said = index_frames(source, conceal=True).left_out
    assert any("damaged frames at the end, where it is cut off" in what for what in said)


def test_fragments_that_are_not_found_are_not_the_end(tmp_path: Path) -> None:
    fragments = ["-movflags", "frag_keyframe+empty_moov"]
    source = without_its_middle("a.mp4", *WITH_B_FRAMES, *fragments, *AAC, blank=False)(tmp_path)
    with pytest.raises(UnreadableVideo, match=r"^it is damaged after \d.* is not found$"):
        index_frames(source)


WITHOUT_TIMES: dict[str, tuple[Maker, int]] = {
    "h264": (plain("a.avi", "-c:v", "libx264", "-bf", "2", *AAC, inputs=SOUND), 50),
    "h264_pyramid": (
        plain("a.avi", "-c:v", "libx264", "-bf", "4", "-b-pyramid", "normal", inputs=SOUND[:4]),
        50,
    ),
    "h264_ntsc": (
        plain("a.avi", "-c:v", "libx264", "-bf", "3", inputs=moving(rate="30000/1001", frames=40)),
        40,
    ),
    "raw_h264": (plain("a.mpg", "-c:v", "libx264", "-bf", "2", "-f", "h264"), 24),
    "raw_h264_60": (
        plain("a.h264", "-c:v", "libx264", "-bf", "3", inputs=moving(rate="60000/1001")), 24
    ),
    "raw_hevc_24": (
        plain("a.hevc", "-c:v", "libx265", *X265, inputs=moving(rate="24", frames=20)), 20
    ),
}  # fmt: skip
RATES = {"raw_h264_60": Fraction(60000, 1001), "raw_hevc_24": Fraction(24)}


@pytest.mark.parametrize("name", WITHOUT_TIMES)
def test_frames_without_times_are_shown_in_turn(name: str, tmp_path: Path) -> None:
    make, count = WITHOUT_TIMES[name]
    film = make_film(make(tmp_path), tmp_path / "film", chunks=3)
    assert (len(film.index), film.wrong()) == (count, [])
    rate = film.index.video.average_rate
    assert rate == RATES.get(name, rate)
    # In a bare stream's ticks, of which there is no whole number to such a frame.
    tick = film.index.video.time_base if name in RATES else 0
    at = [Fraction(number) / rate for number in range(count)]
    assert all(abs(a - b) <= count * tick for a, b in zip(times(film.path), at, strict=True))


def test_a_packed_bitstream_becomes_a_film_of_all_that_is_shown(tmp_path: Path) -> None:
    """As XviD and DivX wrote AVI: two pictures in a packet, and then an empty one."""
    source = plain("a.avi", "-c:v", "libxvid", "-bf", "2", "-c:a", "libmp3lame", inputs=SOUND)(
        tmp_path
    )
    sizes = [packet.size for packet in av.open(str(source)).demux(video=0)]
    assert any(0 < size < 10 for size in sizes)
    film = make_film(source, tmp_path / "film", chunks=3)
    assert film.wrong() == []
    assert len(film.index) == len(shown(source, (64, 48)))
    assert np.all(np.diff(film.index.pts) > 0)


def test_a_picture_that_is_stored_as_the_one_before_it_stays_for_longer(tmp_path: Path) -> None:
    source = plain("a.ogv", "-c:v", "libtheora", inputs=moving(frames=50))(tmp_path)
    with av.open(str(source)) as container:
        packets = [p for p in container.demux(video=0) if p.dts is not None]
    stored = [cast(int, packet.pts) for packet in packets if packet.size]
    assert len(stored) < len(packets), "it has none"
    index = index_frames(source)
    assert index.pts.tolist() == stored
    film = make_film(source, tmp_path / "film", chunks=3)
    assert film.wrong() == []
    assert times(film.path) == [pts * index.video.time_base for pts in stored]
