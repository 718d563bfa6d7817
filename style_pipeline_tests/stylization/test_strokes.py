import numpy as np
import pytest

from style_pipeline.stylization.color import Picture, shape_of
from style_pipeline.stylization.strokes import enlarged, reduced, reduced_size, reduction

SIZES = [(1280, 720), (642, 360), (641, 360), (99, 101)]


@pytest.mark.parametrize(
    ("size", "strokes", "factor"),
    [
        ((640, 360), 1, 1),
        ((854, 480), 1, 1),
        ((1280, 720), 1, 1.2247),
        ((1920, 1080), 1, 1.5),
        ((3840, 2160), 1, 2.1213),
        ((2160, 3840), 1, 2.1213),
        ((1920, 1080), 2, 3),
        ((1920, 1080), 0.67, 1.005),
    ],
)
def test_strokes_grow_with_the_square_root_of_the_film_s_height(
    size: tuple[int, int], strokes: float, factor: float
) -> None:
    assert reduction(size, strokes) == pytest.approx(factor, abs=1e-4)


@pytest.mark.parametrize(
    ("size", "strokes", "least", "most"),
    [
        ((1280, 720), 0.5, 0.82, 36.74),
        ((64, 48), 4, 1, 3),
        ((64, 12), 4, 1, 1),
        ((3840, 2160), 0.1, 0.48, 63.63),
    ],
)
def test_a_size_that_cannot_be_is_refused_with_those_that_can(
    size: tuple[int, int], strokes: float, least: float, most: float
) -> None:
    said = f"for {size[0]}x{size[1]} pixels they can be from {least:g} to {most:g}"
    with pytest.raises(ValueError, match=f"^strokes = {strokes:g}: {said}$"):
        reduction(size, strokes)
    reduction(size, least)
    reduction(size, most)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("factor", [1.5, 2, 3.7])
def test_pictures_keep_their_layout(size: tuple[int, int], factor: float) -> None:
    small = reduced_size(size, factor)
    assert len(shape_of(small)) == len(shape_of(size))
    given = np.full(shape_of(size), 90, np.uint8)
    there = reduced(given, small)
    assert there.shape == shape_of(small)
    back = enlarged(there, size)
    assert back.shape == given.shape
    assert np.abs(back.astype(int) - given).max() <= 1


def edge(width: int, height: int) -> Picture:
    """Dark on the left and bright on the right of the middle."""
    picture = np.full(shape_of((width, height)), 128, np.uint8)
    picture[:height, : width // 2] = 40
    picture[:height, width // 2 :] = 200
    return picture


def test_an_edge_stays_sharp_and_has_no_rims() -> None:
    size = (240, 120)
    back = enlarged(reduced(edge(*size), reduced_size(size, 3)), size)[:120]
    assert (back.min(), back.max()) == (40, 200), "no rim"
    between = ((back > 60) & (back < 180)).sum(1)
    assert between.max() <= 3, "pixels of transition, where bilinear enlarging has five"
