"""What every artwork is made with: noise, flow, colours, an even scatter, and stamps of paint."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float64]
Values = TypeVar("Values", npt.NDArray[np.float64], npt.NDArray[np.int64])

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


def equalize(field: Floats) -> Floats:
    """Ranks of ``field`` in 0..1, so that every colour of a palette gets its share."""
    levels = np.linspace(0, 1, 65)
    return np.asarray(np.interp(field, np.quantile(field, levels), levels))


def blend(palette: Floats, place: npt.ArrayLike) -> Floats:
    """Colours (..., 3) at ``place`` (...), 0..1 along ``palette`` (n, 3)."""
    at = np.asarray(place, dtype=np.float64) * (len(palette) - 1)
    return np.stack([np.interp(at, range(len(palette)), c) for c in palette.T], axis=-1)


def flow_field(rng: np.random.Generator, height: int, width: int) -> tuple[Floats, Floats]:
    """Unit vectors (x, y) of a divergence-free field: curl noise (Bridson et al. 2007)."""
    y, x = np.mgrid[0:height, 0:width] / width
    potential = 0.10 * smooth_noise(rng, height, width, (3, 6)) + 0.35 * y
    for _ in range(4):
        cx, cy = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9) * height / width
        radius = rng.uniform(0.10, 0.17)
        swirl = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius**2))
        potential += rng.choice((-1.0, 1.0)) * 0.16 * swirl
    dy, dx = np.gradient(potential)
    norm = np.hypot(dx, dy) + 1e-12
    return dy / norm, -dx / norm


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


def scatter(
    rng: np.random.Generator, height: int, width: int, *, spacing: float, jitter: float = 0.5
) -> Floats:
    """Points (n, 2) on a jittered grid that overhangs the canvas, in random order, in pixels."""
    y, x = np.mgrid[-spacing : height + spacing : spacing, -spacing : width + spacing : spacing]
    points = np.stack((x.ravel(), y.ravel()), axis=1)
    return rng.permutation(points + rng.uniform(-jitter, jitter, points.shape) * spacing)


def pick(field: Values, points: Floats) -> Values:
    """``field`` (height, width, ...) at the nearest pixel of each point (n, 2), clamped."""
    height, width = field.shape[:2]
    column = np.clip(points[:, 0], 0, width - 1).astype(int)
    row = np.clip(points[:, 1], 0, height - 1).astype(int)
    picked: Values = field[row, column]
    return picked
