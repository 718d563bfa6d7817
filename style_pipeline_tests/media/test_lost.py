"""What there is beside pictures that films do not carry."""

from pathlib import Path

import av
import numpy as np
import pytest

from style_pipeline.media.facts import TrackFacts
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.lost import Lost
from style_pipeline_tests.clips import H264, plain


def test_stereo_is_said_to_be_lost(tmp_path: Path) -> None:
    source = plain("a.mp4", *H264, "-x264-params", "frame-packing=3")(tmp_path)
    lost = "the mark of stereo 3D: films do not carry it"
    assert index_frames(source).left_out == (lost,)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("DOVI configuration record", "Dolby Vision metadata"),
        ("Spherical Mapping", "the mark of 360 degrees"),
        ("Stereo 3D", "the mark of stereo 3D"),
    ],
)
def test_what_a_container_says_of_its_pictures_is_said_to_be_lost(name: str, what: str) -> None:
    lost = Lost()
    lost.of_track(TrackFacts("h264", side_data=((name, "1"), ("Content Light Level", "2"))))
    assert lost.notes() == (f"{what}: films do not carry it",)
    lost.add(av.VideoFrame.from_ndarray(np.zeros((8, 8), np.uint8), format="gray"))
    assert len(lost.notes()) == 1
