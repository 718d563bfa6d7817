"""What there is beside the pictures of a video that a film does not carry."""

from typing import Final

from av.video.frame import VideoFrame

from style_pipeline.media.facts import TrackFacts
from style_pipeline.media.immersive import lost_marks
from style_pipeline.media.side_data import side_data

OF_FRAMES: Final = {
    "DOVI_METADATA": "Dolby Vision metadata",
    "DOVI_RPU_BUFFER": "Dolby Vision metadata",
    "DYNAMIC_HDR_PLUS": "HDR10+ metadata",
    "DYNAMIC_HDR_VIVID": "HDR Vivid metadata",
}
"""By PyAV's names of the data beside a frame."""
EVERY: Final = 8
"""Frames of which one is looked at: their like comes with all or many."""


class Lost:
    """Collects what is found beside frames as they pass."""

    def __init__(self) -> None:
        self.seen = 0
        self.found: dict[str, None] = {}

    def add(self, frame: VideoFrame) -> None:
        if self.seen % EVERY == 0:
            for name in side_data(frame):
                if what := OF_FRAMES.get(name):
                    self.found[what] = None
            self.found |= dict.fromkeys(lost_marks(frame))
        self.seen += 1

    def of_track(self, facts: TrackFacts) -> None:
        if any(name.startswith("DOVI configuration record") for name in facts.side_data):
            self.found[OF_FRAMES["DOVI_METADATA"]] = None

    def notes(self) -> tuple[str, ...]:
        """For people."""
        return tuple(f"{what}: films do not carry it" for what in self.found)
