"""A sun over waves in jewel-coloured glass, with bold dark joints between the pieces."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from style_pipeline.artworks.craft import (
    Floats,
    blend,
    check_size,
    pick,
    scatter,
    smooth_noise,
)

SUPERSAMPLING: Final = 2
SKY: Final = np.array(
    [
        (255, 240, 190),
        (250, 206, 84),
        (240, 150, 40),
        (206, 48, 52),
        (150, 30, 84),
        (96, 44, 140),
        (58, 62, 170),
        (40, 108, 196),
    ],
    dtype=np.float64,
)
SEA: Final = np.array(
    [(236, 246, 226), (120, 214, 190), (24, 158, 140), (10, 112, 104), (16, 74, 128), (18, 44, 96)],
    dtype=np.float64,
)
JOINT: Final = (20, 17, 24)
# Side of a piece and width of a joint, in pixels of a picture 1,024 wide.
PIECE: Final = 27
JOINT_WIDTH: Final = 5.5
SETTLING: Final = 8


def mosaic(*, width: int = 1024, height: int = 768, seed: int = 3) -> Image.Image:
    """Lay pieces of glass along a direction field (after Hausner 2001), as an RGB image.

    Deterministic: the same size and seed give the same picture.

    Raises:
        ValueError: a side is shorter than 64 pixels.
    """
    check_size(width, height)
    rng = np.random.default_rng(seed)
    color, angle = compose(rng, height, width)
    side = PIECE * width / 1024
    centres = scatter(rng, height, width, spacing=side, jitter=0.35)
    for _ in range(SETTLING):
        owner, _, _ = divide(centres, pick(angle, centres), (height, width), side)
        centres = settle(centres, owner)
    w, h = width * SUPERSAMPLING, height * SUPERSAMPLING
    turns, glass = pick(angle, centres), pick(color, centres)
    owner, near, next_near = divide(centres * SUPERSAMPLING, turns, (h, w), side * SUPERSAMPLING)
    glass = glass * rng.normal(1, 0.15, (len(centres), 1)) + rng.normal(0, 10, glass.shape)
    # Each piece is set a little askew, and catches the light on one side.
    y, x = np.mgrid[0:h, 0:w]
    offset = (np.stack((x, y), axis=-1) - centres[owner] * SUPERSAMPLING) / (side * SUPERSAMPLING)
    tilt = rng.normal((-0.22, -0.22), 0.22, centres.shape)
    streaks = smooth_noise(rng, h, w, (60, 140, 300))
    sheen = 1 + (offset * tilt[owner]).sum(axis=-1) + 0.10 * streaks
    lit = glass[owner] * sheen[..., None]
    rounded = (next_near - near) / (JOINT_WIDTH * w / 1024)
    solid = np.clip((rounded - 1) * 3, 0, 1)[..., None]
    shadow = np.clip(0.55 + 0.25 * rounded, 0, 1)[..., None]
    picture = np.array(JOINT) * (1 - solid) + lit * shadow * solid
    canvas = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def divide(
    centres: Floats, turns: Floats, size: tuple[int, int], side: float
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Who owns each pixel: nearest centre (h, w), and distances to it and to the second.

    Distances are those of a square turned with the field, so that pieces become square.
    """
    near, next_near = np.full(size, 4 * side), np.full(size, 4 * side)
    owner = np.zeros(size, dtype=np.int64)
    reach = int(np.ceil(1.6 * side))
    for index, ((cx, cy), turn) in enumerate(zip(centres, turns, strict=True)):
        left, top = max(0, int(cx) - reach), max(0, int(cy) - reach)
        window = np.s_[top : max(0, int(cy) + reach), left : max(0, int(cx) + reach)]
        first, second = near[window], next_near[window]
        x = np.arange(left, left + first.shape[1]) - cx
        y = (np.arange(top, top + first.shape[0]) - cy)[:, None]
        cosine, sine = np.cos(turn), np.sin(turn)
        distance = np.maximum(np.abs(x * cosine + y * sine), np.abs(y * cosine - x * sine))
        distance += 0.15 * np.hypot(x, y)
        owner[window][distance < first] = index
        next_near[window] = np.minimum(second, np.maximum(first, distance))
        near[window] = np.minimum(first, distance)
    return owner, near, next_near


def settle(centres: Floats, owner: npt.NDArray[np.int64]) -> Floats:
    """Each centre (n, 2) at the centroid of its pixels, or where it was if it has none."""
    y, x = np.indices(owner.shape)
    count = len(centres)
    area = np.bincount(owner.ravel(), minlength=count)
    sums = [np.bincount(owner.ravel(), a.ravel(), minlength=count) for a in (x, y)]
    moved = np.stack(sums, axis=1) / np.maximum(area, 1)[:, None]
    return np.where(area[:, None] > 0, moved, centres)


def compose(rng: np.random.Generator, height: int, width: int) -> tuple[Floats, Floats]:
    """Colours (height, width, 3), and the direction of rows of pieces in radians."""
    y, x = np.mgrid[0:height, 0:width] / width
    drift = smooth_noise(rng, height, width, (4, 9))
    dx, dy = x - 0.66, y - 0.27 * height / width / 0.75
    ring = np.hypot(dx, dy) + 0.012 * drift + rng.normal(0, 0.022, x.shape)
    color = blend(SKY, np.clip(np.floor(ring / 0.062) / 9, 0, 1))
    angle = np.arctan2(dy, dx) + np.pi / 2
    horizon = 0.56 * height / width
    for wave in range(5):
        phase, length = rng.uniform(0, 2 * np.pi), 0.30 + 0.07 * wave
        swing = 2 * np.pi * x[:1] / length + phase
        swell = (0.016 + 0.010 * wave) * (np.sin(swing) + 0.4 * np.sin(2 * swing))
        crest = horizon + 0.085 * wave - swell
        slope = np.arctan(np.gradient(crest[0]) * width)
        under = y - crest
        band = np.clip(np.floor(under / 0.021 + 0.4 * drift) / 5, 0, 1)
        color = np.where((under > 0)[..., None], blend(SEA, band), color)
        angle = np.where(under > 0, slope, angle)
    return color, angle
