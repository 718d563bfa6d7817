from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from style_pipeline.media.deinterlacing import LEAST_HEIGHT, LEAST_WIDTH, deinterlaced
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import Picture
from style_pipeline.media.range_reader import read_range
from style_pipeline_tests.clips import AAC, H264, Maker
from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.real_files import interlaced

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
    theirs = shown(film.source, video.upright_size, "-vf", filters)
    ours = shown(film.path, video.upright_size)
    # The edges in time are made up, by FFmpeg's versions differently.
    assert np.abs(ours.astype(int) - theirs).mean() < 0.1
    assert combing(ours, video.width) < combing(shown(film.source, video.upright_size), video.width)


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


def test_frames_too_small_for_the_filter_keep_their_place_among_larger_ones() -> None:
    large, narrow, low = (64, 48), (LEAST_WIDTH - 1, 48), (64, LEAST_HEIGHT - 1)
    sizes = [narrow, large, large, large, narrow, low, large, low]
    frames = [VideoFrame(*size, "yuv420p") for size in sizes]
    for pts, frame in enumerate(frames):
        frame.pts, frame.time_base = pts, Fraction(1, 25)
    found = list(deinterlaced(frames, "parity=tff:deint=all"))
    assert [(f.width, f.height) for f in found] == sizes
    assert [f.pts for f in found] == list(range(len(sizes)))
