"""Edge-preserving smoothing along strokes, here called brushing: grain goes, edges stay.

About each pixel, the mean of eight short lines that begin there is taken, and the smoother a line
is, the more it counts: lines run along strokes and end at their edges, so that strokes become even
and stay sharp. After Nagao & Matsuyama 1979, "Edge Preserving Smoothing", who took the smoothest of
such bars alone; weights, as Papari et al. 2007, "Artistic Edge and Corner Enhancing Smoothing",
have them, hold films still.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from style_pipeline.stylization.color import Picture, luma_of

LINES: Final = ((0, 1, 7), (1, 0, 7), (1, 1, 5), (1, -1, 5))
"""Steps down and right, and pixels, of lines that are about equally long."""
GRAIN: Final = 13.0
"""Variance, in squared levels of the stored picture, up to which a line counts as smooth."""
MARGIN: Final = max(pixels for *_, pixels in LINES)
"""Pixels that a line reaches from its first one, half of its width included."""
ROWS: Final = 64
"""At a time: they stay in a processor's cache."""

Values = npt.NDArray[np.float32]


def brushed(picture: Picture, amount: float) -> Picture:
    """Planes with their luma smoothed along strokes, by `amount` from 0 to 1; at 0 the same object.

    Planes are uint8, (3H/2, W) or (3, H, W), and chroma stays bit for bit.

    Raises:
        ValueError: the amount is not within 0 and 1.
    """
    if not 0 <= amount <= 1:
        raise ValueError(f"{amount = } must be from 0 to 1.")
    if amount == 0:
        return picture
    made = picture.copy()
    luma = luma_of(made)
    around = np.pad(luma, MARGIN, mode="reflect")
    for top in range(0, len(luma), ROWS):
        rows = luma[top : top + ROWS]
        smooth = _along_lines(around[top : top + len(rows) + 2 * MARGIN].astype(np.float32))
        rows[:] = np.rint(rows + np.float32(amount) * (smooth - rows))
    return made


def _along_lines(around: Values) -> Values:
    """Levels (H, W), smoothed, of levels (H + 2 `MARGIN`, W + 2 `MARGIN`)."""
    # Lines are three pixels wide.
    values, squares = (_sums(_sums(each, 1, 0, 3), 0, 1, 3) for each in (around, around * around))
    begin = MARGIN - 1
    height, width = (side - 2 * begin for side in values.shape)
    total, weights = (np.zeros((height, width), np.float32) for _ in range(2))
    for down, right, pixels in LINES:
        mean, weight = (
            _sums(each, down, right, pixels) / np.float32(9 * pixels) for each in (values, squares)
        )
        weight -= mean * mean
        weight += np.float32(GRAIN)
        np.square(weight, out=weight)
        np.reciprocal(weight, out=weight)
        mean *= weight
        reach = pixels - 1
        for back in (0, reach):  # a line serves the pixels at both of its ends
            top = begin - back * down
            left = begin - (back if right > 0 else reach - back) * abs(right)
            here = slice(top, top + height), slice(left, left + width)
            total += mean[here]
            weights += weight[here]
    total /= weights
    return total


def _sums(values: Values, down: int, right: int, pixels: int) -> Values:
    """Of each line of so many pixels that lies within `values`, at the top left of its extent."""
    reach = pixels - 1
    height, width = values.shape[0] - reach * down, values.shape[1] - reach * abs(right)
    total = np.zeros((height, width), np.float32)
    for step in range(pixels):
        top, left = step * down, (step if right >= 0 else reach - step) * abs(right)
        total += values[top : top + height, left : left + width]
    return total
