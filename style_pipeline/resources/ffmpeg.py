"""How films are encoded."""

import dagster as dg

from style_pipeline.media.encoding import Encoder


class FFmpeg(dg.ConfigurableResource[Encoder]):
    """Encoder settings of all films; a film's chunks can only be joined when they share them."""

    preset: str = Encoder.preset
    """Speed against size, one of `settings.Preset`."""
    crf: int = Encoder.crf
    """Constant rate factor, 0 to 51."""

    @property
    def encoder(self) -> Encoder:
        return Encoder(preset=self.preset, crf=self.crf)
