"""Pictures that benchmarks are tried on: no file is needed for them."""

import numpy as np

from benchmarks.warping import Image


def scenery(height: int = 128, width: int = 192, *, seed: int = 0) -> Image:
    """Smooth, of random colors, from black to white."""
    noise = np.random.default_rng(seed).random((height, width, 3))
    for axis in (0, 1):
        for _ in range(6):
            noise = (np.roll(noise, 1, axis) + noise + np.roll(noise, -1, axis)) / 3
    low, high = noise.min(), noise.max()
    return np.asarray((noise - low) / (high - low), np.float32)


def checkerboard(height: int, width: int, *, side: int = 1) -> Image:
    """Of black and white fields."""
    y, x = np.mgrid[:height, :width] // side
    return np.repeat(((x + y) % 2)[..., None], 3, axis=2).astype(np.float32)


def flat(height: int, width: int, *color: float) -> Image:
    return np.broadcast_to(np.array(color, np.float32), (height, width, 3)).copy()
