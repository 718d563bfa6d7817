from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.pictures import upright
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.resizing import resized, resized_format, size_of
from style_pipeline.media.video_format import VideoFormat
from style_pipeline_tests.media.conftest import Clips


@pytest.fixture
def video(clip: Clips) -> VideoFormat:
    """64x48."""
    return index_frames(clip("cfr_25")).video


def test_a_share_is_rounded_to_even_numbers_and_has_limits(video: VideoFormat) -> None:
    assert size_of(video, (33, 17)) == (33, 17)
    assert size_of(video, Fraction("0.55")) == (36, 26)
    for share, size in ((Fraction("0.1"), "6x4"), (Fraction(4), "32000x24000")):
        large = replace(video, width=8000, height=6000) if share > 1 else video
        with pytest.raises(ValueError, match=f"would be {size} pixels: it can be from 16 to 8192"):
            size_of(large, share)


def test_pictures_keep_their_shape_whatever_the_size(video: VideoFormat) -> None:
    def shape(of: VideoFormat) -> Fraction:
        width, height = of.upright_size
        return of.upright_aspect_ratio * width / height

    for size in ((32, 24), (64, 24), (33, 17)):
        for turned in (video, replace(video, rotation=1)):
            film = resized_format(turned, size)
            assert film.upright_size == size
            assert float(shape(film)) == pytest.approx(float(shape(turned)), rel=1e-4)
    assert resized_format(video, (32, 24)).sample_aspect_ratio == 1
    assert resized_format(video, None) == resized_format(video, video.upright_size) == video
    wide = replace(video, width=854, height=480)
    assert resized_format(wide, size_of(wide, Fraction(1, 2))).sample_aspect_ratio == 1


@pytest.mark.parametrize("name", ["cfr_25", "rotated_90", "odd_size_webm"])
def test_pictures_become_those_of_the_size_and_look_alike(name: str, clip: Clips) -> None:
    source = clip(name)
    index = index_frames(source)
    pictures = [upright(planes, index.video) for planes in read_range(source, index, range(2))]
    same = list(resized(pictures, index.video, index.video))
    np.testing.assert_array_equal(same, pictures)
    film = resized_format(index.video, (40, 24))
    made = list(resized(pictures, index.video, film))
    assert {planes.shape for planes in made} == {film.upright_shape}
    for one, other in zip(pictures, made, strict=True):
        light = one[0] if one.ndim == 3 else one[: len(one) * 2 // 3]
        assert abs(float(light.mean()) - float(other[:24].mean())) < 3
