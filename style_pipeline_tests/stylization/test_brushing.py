import numpy as np
import pytest

from style_pipeline.stylization.brushing import GRAIN, LINES, ROWS, brushed
from style_pipeline.stylization.color import Picture, luma_of, shape_of


def grain(width: int = 96, height: int = 160, *, seed: int = 0) -> Picture:
    shape = shape_of((width, height))
    return np.random.default_rng(seed).integers(100, 140, shape).astype(np.uint8)


def gray(luma: Picture) -> Picture:
    """In 4:4:4."""
    return np.stack([luma, *[np.full_like(luma, 128)] * 2])


def at(luma: Picture, y: int, x: int) -> float:
    """What becomes of a pixel, by the definition."""
    luma, y, x = np.pad(luma, 9, mode="reflect"), y + 9, x + 9
    total = weights = 0.0
    for down, right, pixels in LINES:
        for side in (1, -1):
            line = [(y + side * n * down, x + side * n * right) for n in range(pixels)]
            seen = np.stack([luma[b - 1 : b + 2, a - 1 : a + 2] for b, a in line]).astype(float)
            weight = (seen.var() + GRAIN) ** -2
            total, weights = total + weight * seen.mean(), weights + weight
    return total / weights


@pytest.mark.parametrize("size", [(96, 160), (97, 161)], ids=["4:2:0", "4:4:4"])
@pytest.mark.parametrize(
    ("y", "x"),
    [
        (40, 40),
        (ROWS - 1, 30),
        (ROWS, 31),
        (2 * ROWS + 1, 80),
        (0, 0),
        (0, 95),
        (159, 2),
        (158, 94),
    ],
)
def test_the_smoothest_of_eight_lines_count_most(y: int, x: int, size: tuple[int, int]) -> None:
    picture = grain(*size)
    luma_of(picture)[:, 30:] //= 2
    made = luma_of(brushed(picture, 1.0))
    assert made[y, x] == pytest.approx(at(luma_of(picture), y, x), abs=0.51)


@pytest.mark.parametrize("amount", [-0.1, 1.1])
def test_an_amount_that_cannot_be_is_refused(amount: float) -> None:
    with pytest.raises(ValueError, match=f"amount = {amount} must be from 0 to 1"):
        brushed(grain(), amount)


def test_grain_goes_and_edges_and_lines_stay() -> None:
    clean = np.full((96, 96), 60, np.uint8)
    clean[:, 48:] = 200
    clean[30:33] = 20
    noise = np.random.default_rng(1).normal(0, 4, clean.shape)
    noisy = gray((clean + noise).round().astype(np.uint8))
    made = luma_of(brushed(noisy, 1.0)).astype(float)
    left = clean.astype(float) - luma_of(noisy), clean - made
    flat = (slice(50, 90), slice(4, 40))
    assert left[1][flat].std() < left[0][flat].std() / 3
    assert made[60:90, 47].mean() < 95  # beside the edge, which lines of three pixels touch
    assert made[60:90, 48].mean() > 165
    assert made[31, 5:40].mean() < 30  # the middle of the line


@pytest.mark.parametrize("size", [(96, 64), (97, 65)])
def test_chroma_stays_bit_for_bit(size: tuple[int, int]) -> None:
    picture = grain(*size)
    before = picture.copy()
    made = brushed(picture, 1.0)
    luma_of(before)[:] = luma_of(made)
    assert (made == before).all()
    assert not (made == picture).all()


def test_between_nothing_and_all_of_it() -> None:
    picture = grain()
    none, half, whole = (brushed(picture, amount).astype(float) for amount in (0, 0.5, 1))
    assert (none == picture).all()
    np.testing.assert_allclose(half, (none + whole) / 2, atol=1.01)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (5, 40), (16, 3)])
def test_pictures_smaller_than_lines(size: tuple[int, int]) -> None:
    picture = np.full(shape_of(size), 77, np.uint8)
    assert (brushed(picture, 1.0) == 77).all()


def test_black_and_white_stay() -> None:
    luma = np.zeros((40, 40), np.uint8)
    luma[:, 20:] = 255
    assert set(np.unique(luma_of(brushed(gray(luma), 1.0))[:, [0, 10, 30, 39]])) == {0, 255}


def test_a_picture_that_moves_is_smoothed_alike() -> None:
    luma = luma_of(grain(120, 200))
    whole = luma_of(brushed(gray(luma), 1.0))
    part = luma_of(brushed(gray(luma[5:, 3:].copy()), 1.0))
    assert (whole[5:, 3:][20:-20, 20:-20] == part[20:-20, 20:-20]).all()
