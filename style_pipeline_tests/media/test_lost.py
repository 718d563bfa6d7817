"""What there is beside pictures that films do not carry."""

import av
import numpy as np

from style_pipeline.media.facts import TrackFacts
from style_pipeline.media.lost import Lost


def test_what_a_container_says_of_its_pictures_is_said_to_be_lost() -> None:
    lost = Lost()
    said = ("DOVI configuration record", "Content Light Level")
    lost.of_track(TrackFacts("h264", side_data=said))
    assert lost.notes() == ("Dolby Vision metadata: films do not carry it",)
    lost.add(av.VideoFrame.from_ndarray(np.zeros((8, 8), np.uint8), format="gray"))
    assert len(lost.notes()) == 1
