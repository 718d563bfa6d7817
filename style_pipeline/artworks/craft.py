"""What every artwork is made with: noise, colors, and lines along a flow."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float64]

SMALLEST_SIDE = 64


def check_size(width: int, height: int) -> None:
    """Raises ValueError for a canvas that no brush fits on."""
    if min(width, height) < SMALLEST_SIDE:
        raise ValueError(
            f"{width = }, {height = }: artwork needs at least {SMALLEST_SIDE} pixels a side."
        )


def smooth_noise(rng: np.random.Generator, height: int, width: int, cells: Sequence[int]) -> Floats:
    """Sum of bicubic value noise, ``cells`` across each octave, (height, width) in about ±1."""
    total = np.zeros((height, width))
    for octave, count in enumerate(cells):
        rows = max(2, round(count * height / width))
        grid = Image.fromarray(rng.uniform(-1, 1, (rows + 2, count + 2)).astype(np.float32))
        resized = grid.resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(resized, dtype=np.float64) * 0.5**octave
    return total


def blend(palette: Floats, place: npt.ArrayLike) -> Floats:
    """Colors (..., 3) at ``place`` (...), 0..1 along ``palette`` (n, 3)."""
    at = np.asarray(place, dtype=np.float64) * (len(palette) - 1)
    return np.stack([np.interp(at, range(len(palette)), c) for c in palette.T], axis=-1)


def trace(start: Floats, flow: tuple[Floats, Floats], *, step: float, steps: int) -> Floats:
    """Follow the flow from each start (n, 2), both ways: (2 * steps + 1, n, 2) in pixels."""
    height, width = flow[0].shape

    def walk(sign: float) -> list[Floats]:
        point, points = start, []
        for _ in range(steps):
            column = np.clip(point[:, 0], 0, width - 1).astype(int)
            row = np.clip(point[:, 1], 0, height - 1).astype(int)
            point = point + sign * step * np.stack(
                (flow[0][row, column], flow[1][row, column]), axis=1
            )
            points.append(point)
        return points

    return np.stack([*walk(-1.0)[::-1], start, *walk(1.0)])
