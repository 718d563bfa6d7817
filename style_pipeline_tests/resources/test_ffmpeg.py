from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from style_pipeline.media.encoding import Encoder
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.segment import Origin, write_segment
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.settings import Preset
from style_pipeline_tests.clips import make_clip


def test_a_film_is_encoded_as_the_resource_says() -> None:
    assert FFmpeg(preset="slow", crf=7).encoder == Encoder(preset="slow", crf=7)


def test_the_defaults_are_the_encoder_s() -> None:
    assert FFmpeg().encoder == Encoder()


@pytest.mark.parametrize("preset", get_args(Preset))
def test_every_preset_encodes_without_loss_at_crf_0(preset: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=6)
    index = index_frames(clip)
    pictures = list(read_range(clip, index, range(6)))
    segment = tmp_path / "segment.mp4"
    encoder = FFmpeg(preset=preset, crf=0).encoder
    origin = Origin(index.content_hash, "cafe")
    write_segment(segment, pictures, index, range(6), encoder=encoder, origin=origin)
    made = index_frames(segment)
    for before, after in zip(pictures, read_range(segment, made, range(6)), strict=True):
        assert np.array_equal(before, after)
