"""How films are encoded."""

import dagster as dg

from style_pipeline.media.segment import Encoder


class FFmpeg(dg.ConfigurableResource[Encoder]):
    """Encoder settings of all films; a film's chunks can only be joined when they share them."""

    codec: str = "libx264"
    preset: str = "medium"
    crf: int = 18

    @property
    def encoder(self) -> Encoder:
        return Encoder(codec=self.codec, preset=self.preset, crf=self.crf)
