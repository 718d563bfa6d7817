"""Interlaced video, and what only says that it is."""

from collections import Counter
from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.interlacing import Sample, deinterlacer
from style_pipeline.media.pictures import Picture
from style_pipeline.media.range_reader import read_range
from style_pipeline_tests.clips import AAC, H264, Maker, ffmpeg, moving, plain
from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.real_files import SOUND, interlaced

MPEG2 = ["-c:v", "mpeg2video", "-q:v", "3", "-g", "12", "-bf", "2"]
FLAGGED = ["-flags", "+ilme+ildct"]

INTERLACED: dict[str, tuple[Maker, str]] = {
    "h264_tff": (interlaced("a.mp4", *H264, "-x264-params", "tff=1", *AAC, sound=True), "tff"),
    "h264_bff_open_gop": (
        interlaced("a.mkv", *H264, "-x264-params", "bff=1:open-gop=1:keyint=8", first="bff"), "bff",
    ),
    "mpeg2_ts": (interlaced("a.ts", *MPEG2, *FLAGGED, "-c:a", "mp2", sound=True), "tff"),
    "mpeg2_ps_bff": (interlaced("a.mpg", *MPEG2, *FLAGGED, first="bff"), "bff"),
    "unflagged": (interlaced("a.avi", "-c:v", "mpeg4", "-q:v", "2", "-bf", "1", flag=""), "tff"),
    "wrong_flag": (
        interlaced("a.mov", "-c:v", "prores_ks", *FLAGGED, first="bff", flag="tff"), "bff",
    ),
    "unflagged_bff": (interlaced("a.mp4", *H264, first="bff", flag=""), "bff"),
    "packed_422": (interlaced("a.mov", "-c:v", "v210", size="192x96"), "tff"),
    "odd_height": (interlaced("a.mkv", "-c:v", "ffv1", size="128x90"), "tff"),
}  # fmt: skip


@pytest.mark.parametrize("name", INTERLACED)
def test_an_interlaced_video_is_deinterlaced_exactly_whatever_the_chunks(
    name: str, tmp_path: Path
) -> None:
    make, first = INTERLACED[name]
    film = make_film(make(tmp_path), tmp_path / "film", chunks=4)
    video = film.index.video
    assert (video.deinterlaced, film.wrong()) == (f"parity={first}:deint=all", [])
    assert "deinterlaced" in video.converted[0]
    assert len(film.index) == 30
    filters = f"bwdif=mode=send_frame:{video.deinterlaced}"
    theirs = deinterlaced_by_ffmpeg(film.source, filters, video.upright_size)
    ours = shown(film.path, video.upright_size)
    # The edges in time are made up, by FFmpeg's versions differently.
    assert np.abs(ours.astype(int) - theirs).mean() < 0.1
    assert combing(ours, video.width) < combing(shown(film.source, video.upright_size), video.width)


def deinterlaced_by_ffmpeg(path: Path, filters: str, size: tuple[int, int]) -> Picture:
    scaling = "bicubic+accurate_rnd+full_chroma_inp+full_chroma_int+bitexact"
    options = ["-fps_mode", "passthrough", "-sws_flags", scaling, "-pix_fmt", "yuv420p"]
    data = ffmpeg("-i", path, "-map", "0:V:0", "-vf", filters, *options, "-f", "rawvideo", "-")
    return np.frombuffer(data, np.uint8).reshape(-1, size[0] * size[1] * 3 // 2)


def combing(pictures: Picture, width: int) -> float:
    lines = pictures[:, : pictures.shape[1] * 2 // 3].reshape(len(pictures), -1, width).astype(int)
    outstanding = lines[:, 1:-1] * 2 - lines[:, :-2] - lines[:, 2:]
    return float(np.abs(outstanding).mean())


def test_any_range_of_a_deinterlaced_video_is_what_was_indexed(tmp_path: Path) -> None:
    pictures: list[Picture] = []
    source = INTERLACED["mpeg2_ts"][0](tmp_path)
    index = index_frames(source, on_frame=lambda number, planes: pictures.append(planes))
    for start in range(0, len(index), 7):
        for stop in (start + 1, start + 5):
            found = list(read_range(source, index, range(start, min(stop, len(index)))))
            np.testing.assert_array_equal(found, pictures[start:stop])


def test_it_stays_as_it_is_where_that_is_asked_for(tmp_path: Path) -> None:
    source = INTERLACED["h264_tff"][0](tmp_path)
    film = make_film(source, tmp_path / "film", chunks=3, deinterlace=False)
    video = film.index.video
    assert (video.deinterlaced, video.fields, film.wrong()) == ("", "tff", [])
    ours, theirs = (shown(path, (160, 120)).astype(int) for path in (film.path, source))
    assert np.abs(ours - theirs).max() <= 1
    with av.open(str(film.path)) as container:
        assert all(frame.interlaced_frame for frame in container.decode(video=0))


PROGRESSIVE: dict[str, Maker] = {
    "test_pictures": plain("a.mp4", *H264, inputs=SOUND),
    "slow_film_on_a_dvd": plain("a.mpg", *MPEG2, *FLAGGED, inputs=moving(frames=30)),
    "film_on_a_dvd": plain("a.mpg", *MPEG2, *FLAGGED, inputs=moving("128x96", frames=50)),
    "film_in_a_broadcast": plain(
        "a.ts", *MPEG2, *FLAGGED, "-vf", "setfield=tff", inputs=moving(frames=50)
    ),
    "still": plain("a.mp4", *H264, "-vf", "trim=end_frame=1,loop=20:1", inputs=moving()),
    "noise": plain("a.mkv", "-vf", "noise=alls=60:allf=t", "-c:v", "ffv1", inputs=moving()),
    "one_frame": plain("a.mkv", "-c:v", "ffv1", inputs=moving(frames=1)),
}


@pytest.mark.parametrize("name", PROGRESSIVE)
def test_a_progressive_video_is_left_alone_whatever_it_says(name: str, tmp_path: Path) -> None:
    video = index_frames(PROGRESSIVE[name](tmp_path)).video
    assert (video.deinterlaced, video.fields, video.converted) == ("", "", ())


def test_a_recording_that_is_cut_and_interlaced_can_be_read_again(tmp_path: Path) -> None:
    whole = interlaced("a.ts", *MPEG2, *FLAGGED, frames=90)(tmp_path)
    data = whole.read_bytes()
    for conceal in (False, True):
        source = tmp_path / "cut.ts"
        source.write_bytes(data[len(data) // 5 // 188 * 188 : len(data) * 4 // 5])
        film = make_film(source, tmp_path / f"film{conceal}", chunks=3, conceal=conceal)
        assert film.wrong() == []
        assert film.index.video.deinterlaced


TFF = Counter(tff=12, undetermined=4)


@pytest.mark.parametrize(
    ("sample", "options"),
    [
        (Sample(Counter(tff=9, progressive=3), TFF, 16, 16), "parity=tff:deint=all"),
        (Sample(Counter(bff=9), Counter(bff=16), 16, 8), "parity=bff:deint=interlaced"),
        (Sample(Counter(tff=2, progressive=9), TFF, 16, 16, "tff"), ""),
        (Sample(Counter(tff=5, progressive=9), TFF, 16), "parity=tff:deint=all"),
        (Sample(Counter(tff=5, bff=5), TFF, 16), ""),
        (Sample(Counter(tff=9), Counter(progressive=16), 16), ""),
        (Sample(Counter(), Counter(), 16, 16, "bff"), "parity=bff:deint=all"),
        (Sample(Counter(), Counter(), 16, 16), "parity=auto:deint=all"),
        (Sample(Counter(), TFF, 16), ""),
        (Sample(Counter(progressive=5, bff=4, tff=4), Counter(bff=16), 16), "parity=bff:deint=all"),
        (Sample(Counter(progressive=9, tff=3), Counter(tff=16), 16), ""),
        (Sample(Counter(progressive=3, tff=2), Counter(undetermined=16), 16, 16, "tff"), ""),
        (Sample(Counter(), Counter()), ""),
    ],
)
def test_what_is_seen_counts_more_than_what_is_said(sample: Sample, options: str) -> None:
    assert deinterlacer(sample) == options
