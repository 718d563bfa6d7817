"""How films are encoded."""

from typing import get_args

import dagster as dg

from style_pipeline.media.encoding import Encoder
from style_pipeline.settings import Preset

PRESETS = get_args(Preset)


class FFmpeg(dg.ConfigurableResource[Encoder]):
    """Encoder settings of all films; a film's chunks can only be joined when they share them."""

    preset: str = Encoder.preset
    """Speed against size, one of `PRESETS`."""
    crf: int = Encoder.crf
    """Constant rate factor, 0 to 51."""

    @property
    def encoder(self) -> Encoder:
        return Encoder(preset=self.preset, crf=self.crf)
