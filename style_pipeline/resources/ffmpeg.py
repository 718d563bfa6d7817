"""How films are encoded."""

import dagster as dg

from style_pipeline.media.segment import Encoder

PRESETS = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast"),
    *("medium", "slow", "slower", "veryslow"),
)


class FFmpeg(dg.ConfigurableResource[Encoder]):
    """Encoder settings of all films; a film's chunks can only be joined when they share them."""

    codec: str = "libx264"
    preset: str = "medium"
    """Speed against size, one of `PRESETS`."""
    crf: int = 18
    """Constant rate factor, 0 to 51."""

    @property
    def encoder(self) -> Encoder:
        return Encoder(codec=self.codec, preset=self.preset, crf=self.crf)
