"""Interlaced video, and what only says that it is."""

from collections import Counter
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.interlacing import Sample, deinterlacer
from style_pipeline_tests.clips import H264, Maker, moving, plain
from style_pipeline_tests.media.films import make_film, shown
from style_pipeline_tests.media.test_deinterlacing import FLAGGED, INTERLACED, MPEG2
from style_pipeline_tests.real_files import SOUND


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


def counted(**verdicts: int) -> Counter[Any]:
    return Counter(verdicts)


TFF = counted(tff=12, undetermined=4)


@pytest.mark.parametrize(
    ("sample", "options"),
    [
        (Sample(counted(tff=9, progressive=3), TFF, 16, 16), "parity=tff:deint=all"),
        (Sample(counted(bff=9), counted(bff=16), 16, 8), "parity=bff:deint=interlaced"),
        (Sample(counted(tff=2, progressive=9), TFF, 16, 16, "tff"), ""),
        (Sample(counted(tff=5, progressive=9), TFF, 16), "parity=tff:deint=all"),
        (Sample(counted(tff=5, bff=5), TFF, 16), ""),
        (Sample(counted(tff=9), counted(progressive=16), 16), ""),
        (Sample(counted(), counted(), 16, 16, "bff"), "parity=bff:deint=all"),
        (Sample(counted(), counted(), 16, 16), "parity=auto:deint=all"),
        (Sample(counted(), TFF, 16), ""),
        (Sample(counted(progressive=5, bff=4, tff=4), counted(bff=16), 16), "parity=bff:deint=all"),
        (Sample(counted(progressive=9, tff=3), counted(tff=16), 16), ""),
        (Sample(counted(progressive=3, tff=2), counted(undetermined=16), 16, 16, "tff"), ""),
        (Sample(counted(), counted()), ""),
    ],
)
def test_what_is_seen_counts_more_than_what_is_said(sample: Sample, options: str) -> None:
    assert deinterlacer(sample) == options
