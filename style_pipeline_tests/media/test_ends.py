"""Files that begin or end anywhere, and files that were cut off."""

from fractions import Fraction
from pathlib import Path

import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import AAC, H264, Maker, moving, plain, tone
from style_pipeline_tests.media.films import make_film, times
from style_pipeline_tests.real_files import SOUND, part_of


def recording(name: str, *arguments: str) -> Maker:
    return plain(name, *arguments, inputs=moving(frames=150) + tone(6))


RECORDINGS = {
    "h264_aac": recording("a.ts", *H264, "-g", "25", *AAC),
    "h264_mp2": recording("a.m2ts", *H264, "-g", "40", "-c:a", "mp2"),
    "mpeg2_mp2": recording("a.ts", "-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-c:a", "mp2"),
    "mpeg2_ac3": recording("a.ts", "-c:v", "mpeg2video", "-g", "12", "-c:a", "ac3"),
    "hevc_ac3": recording(
        "a.ts", "-c:v", "libx265", "-x265-params", "log-level=none:keyint=20", "-c:a", "ac3"
    ),
}


@pytest.mark.parametrize(("begin", "end"), [(0.13, 1), (0, 0.77), (0.21, 0.68), (0.34, 0.913)])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_may_begin_and_end_anywhere(
    name: str, begin: float, end: float, tmp_path: Path
) -> None:
    source = part_of("cut.ts", RECORDINGS[name], begin=begin, end=end)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()
    assert len(film.index) > 150 * (end - begin) * 0.5
    assert len(film.plan.audio) == 1


@pytest.mark.parametrize("end", [0.4411, 0.7177, 0.9013])
@pytest.mark.parametrize("name", ["h264_aac", "mpeg2_mp2"])
def test_a_recording_may_end_within_a_packet(name: str, end: float, tmp_path: Path) -> None:
    source = part_of("cut.ts", RECORDINGS[name], end=end, unit=1)(tmp_path)
    film = make_film(source, tmp_path / "film", chunks=2)
    assert film.wrong() == [], film.check()


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (0.81, "damaged frames at the end, where it is cut off, left out"),
        (0.774, "track 1 (audio, ac3): 2 damaged packets where it is cut off"),
    ],
)
def test_what_is_cut_off_is_said(end: float, said: str, tmp_path: Path) -> None:
    source = part_of("cut.ts", RECORDINGS["mpeg2_ac3"], begin=0.2, end=end)(tmp_path)
    index, plan = index_frames(source), plan_tracks(source)
    assert said in "\n".join((*index.left_out, *plan.left_out))


FRAGMENTS = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"]


LATE: dict[str, tuple[str, list[str], str]] = {
    "matroska": ("a.mkv", [*H264, *AAC], "4"),
    "matroska_by_hours": ("a.mkv", [*H264, *AAC], "7200"),
    "webm": ("a.webm", ["-c:v", "libvpx", "-c:a", "libopus"], "9.5"),
    "fragmented_mp4": ("a.mp4", [*H264, *AAC, *FRAGMENTS], "6"),
    "fragmented_mov": ("a.mov", [*H264, *AAC, *FRAGMENTS], "33.3"),
    "f4v": ("a.f4v", [*H264, *AAC], "3"),
}


@pytest.mark.parametrize("name", LATE)
def test_a_file_that_does_not_begin_at_0_is_whole(name: str, tmp_path: Path) -> None:
    file, arguments, offset = LATE[name]
    make = plain(file, *arguments, "-output_ts_offset", offset, inputs=SOUND)
    film = make_film(make(tmp_path), tmp_path / "film", chunks=2)
    assert (len(film.index), film.wrong()) == (50, [])
    assert times(film.path)[0] < Fraction(1, 4)


@pytest.mark.parametrize(("name", "start"), [("a.mkv", "4"), ("a.mkv", "7200"), ("a.mp4", "4")])
def test_a_late_file_that_was_cut_off_is_not(name: str, start: str, tmp_path: Path) -> None:
    late = ["-output_ts_offset", start, *(["-movflags", "faststart"] if name == "a.mp4" else [])]
    source = plain(name, *H264, *AAC, *late, inputs=moving(frames=200) + tone(8))(tmp_path)
    cut = tmp_path / f"cut{source.suffix}"
    cut.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    with pytest.raises(UnreadableVideo, match=r"it ends after .* upload the whole file"):
        index_frames(cut)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.f4v"])
def test_a_file_that_was_cut_off_before_its_header_says_so(name: str, tmp_path: Path) -> None:
    source = part_of(name, plain(name, *H264, *AAC, inputs=SOUND), end=0.7, unit=1)(tmp_path)
    with pytest.raises(UnreadableVideo, match=r"ends before its header.* upload the whole file"):
        index_frames(source)


@pytest.mark.parametrize("begin", [0.33, 0.341])
def test_audio_of_a_dvd_may_begin_within_a_frame(begin: float, tmp_path: Path) -> None:
    dvd = plain(
        "a.vob", "-c:v", "mpeg2video", "-g", "12", "-c:a", "ac3", inputs=moving(frames=75) + tone(3)
    )
    source = part_of("cut.vob", dvd, begin=begin, unit=1)(tmp_path)
    film = make_film(source, tmp_path / "film")
    assert film.wrong() == []
    assert "(audio, ac3): 1 damaged packets where it is cut off" in "\n".join(film.plan.left_out)
