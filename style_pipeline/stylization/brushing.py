"""Strokes made whole: light and dark smoothed along whatever runs there.

What a network paints in one place it leaves as grain in another. About each pixel, the mean of
eight short lines that begin there is taken, and the smoother a line is, the more it counts: lines
run along strokes and end at their edges, so that strokes become even and stay sharp. After Nagao &
Matsuyama 1979, "Edge Preserving Smoothing", who took the smoothest of such bars alone; weights, as
Papari et al. 2007, "Artistic Edge and Corner Enhancing Smoothing", have them, hold films still.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from style_pipeline.stylization.color import Picture, luma_of

LINES: Final = ((0, 1, 7), (1, 0, 7), (1, 1, 5), (1, -1, 5))
"""Steps down and right, and pixels, of lines that are about equally long."""
FLAT: Final = 13.0
"""Variance, in levels of 255, of lines that count as smooth: less is grain."""
MARGIN: Final = 7
"""Pixels that lines, and the blur before them, reach."""
ROWS: Final = 64
"""At a time: they stay in a processor's cache."""

Values = npt.NDArray[np.float32]


def brushed(picture: Picture, amount: float) -> Picture:
    """Planes, uint8, whose luma is smoothed along strokes, by `amount` from 0 (as it is) to 1."""
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
    """What becomes of pixels, (H, W), of which `around` shows the margin, too."""
    # Lines are three pixels wide.
    values, squares = (_mean(_mean(each, 1, 0, 3), 0, 1, 3) for each in (around, around * around))
    begin = MARGIN - 1
    height, width = (side - 2 * begin for side in values.shape)
    total, weights = (np.zeros((height, width), np.float32) for _ in range(2))
    for down, right, pixels in LINES:
        mirror = slice(None, None, right or 1)
        mean, square = (
            _mean(each[:, mirror], down, abs(right), pixels) for each in (values, squares)
        )
        variance = np.maximum(square - mean * mean, 0)
        weight = 1 / np.square(variance + np.float32(FLAT))
        weighted = weight * mean
        # Each line is the one that begins at its first pixel, and the one that does at its last.
        for step in (0, pixels - 1):
            top, left = begin - step * down, begin - step * abs(right)
            here = slice(top, top + height), slice(left, left + width)
            total += weighted[here][:, mirror]
            weights += weight[here][:, mirror]
    total /= weights
    return total


def _mean(values: Values, down: int, right: int, pixels: int) -> Values:
    """Of lines, where they begin."""
    height, width = (
        side - (pixels - 1) * step for side, step in zip(values.shape, (down, right), strict=True)
    )
    total = np.zeros((height, width), np.float32)
    for step in range(pixels):
        top, left = step * down, step * right
        total += values[top : top + height, left : left + width]
    total /= np.float32(pixels)
    return total
