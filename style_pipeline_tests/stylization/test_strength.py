import numpy as np
import pytest

from style_pipeline.stylization.color import Picture
from style_pipeline_tests.stylization.stylizing import (
    Negative,
    Recorder,
    pictures,
    style,
    styling,
)

LAYOUTS = pytest.mark.parametrize("size", [(34, 22), (33, 22)], ids=["4:2:0", "4:4:4"])


def luma_and_chroma(picture: Picture) -> tuple[Picture, Picture]:
    rows = 1 if picture.ndim == 3 else len(picture) * 2 // 3
    return picture[:rows], picture[rows:]


@LAYOUTS
@pytest.mark.parametrize("preserve_colors", [False, True])
def test_a_strength_of_zero_is_the_source_and_costs_nothing(
    size: tuple[int, int], preserve_colors: bool
) -> None:
    given = pictures(*size)
    network = Recorder()
    found = style(network, given, size, strength=0, preserve_colors=preserve_colors)
    np.testing.assert_array_equal(found, given)
    assert network.sizes == []


@LAYOUTS
def test_a_strength_of_one_is_the_full_style_and_others_lie_between(size: tuple[int, int]) -> None:
    given = pictures(*size)
    full = style(Negative(), given, size)
    np.testing.assert_array_equal(style(Negative(), given, size, strength=1), full)
    for strength in (0.01, 0.25, 0.5, 0.9):
        expected = np.array(given) + strength * (np.array(full, float) - np.array(given))
        found = style(Negative(), given, size, strength=strength)
        assert np.abs(np.array(found) - expected).max() <= 0.501


@LAYOUTS
@pytest.mark.parametrize("strength", [0.3, 1])
@pytest.mark.parametrize("max_pixels", [None, 1], ids=["whole", "tiled"])
def test_preserved_colors_are_the_sources_bit_for_bit(
    size: tuple[int, int], strength: float, max_pixels: int | None
) -> None:
    given = pictures(*size)
    full = style(Negative(), given, size, strength=strength, max_pixels=max_pixels)
    found = style(
        Negative(), given, size, strength=strength, preserve_colors=True, max_pixels=max_pixels
    )
    for source, styled, kept in zip(given, full, found, strict=True):
        np.testing.assert_array_equal(luma_and_chroma(kept)[0], luma_and_chroma(styled)[0])
        np.testing.assert_array_equal(luma_and_chroma(kept)[1], luma_and_chroma(source)[1])
        assert (luma_and_chroma(styled)[1] != luma_and_chroma(source)[1]).any()


@pytest.mark.parametrize("strength", [-0.1, 1.1, 50, float("nan"), float("inf")])
def test_a_strength_beyond_zero_and_one_is_refused_before_anything_is_read(strength: float) -> None:
    with pytest.raises(ValueError, match=r"strength = .* must be from 0 \(the source\) to 1"):
        styling(Recorder(), [], (16, 16), strength=strength)
