"""Sunflowers in thick dabs of a palette knife: umber, olive, crimson, cadmium and ochre."""

from typing import Final

import numpy as np
from PIL import Image

from style_pipeline.artworks.craft import (
    Floats,
    blend,
    check_size,
    equalize,
    pick,
    scatter,
    smooth_noise,
)

SUPERSAMPLING: Final = 2
TURNS: Final = 36
VARIANTS: Final = 5
GROUND: Final = np.array(
    [(34, 18, 22), (58, 48, 22), (108, 24, 30), (98, 92, 34), (170, 44, 30), (214, 98, 40)],
    dtype=np.float64,
)
PETALS: Final = np.array(
    [(196, 84, 20), (228, 132, 24), (244, 176, 40), (250, 206, 84), (252, 232, 160)],
    dtype=np.float64,
)
SEEDS: Final = np.array([(30, 14, 14), (72, 32, 18), (128, 62, 22)], dtype=np.float64)
# Dabs of one layer: length, and spacing, in pixels of a picture 1,024 wide.
LAYERS: Final = ((76, 26), (54, 19), (38, 16), (28, 18))


def dab(rng: np.random.Generator, length: int, angle: float) -> tuple[Image.Image, Image.Image]:
    """Coverage and height of one dab, both "L": ridges along it, and a rim of squeezed paint."""
    y, x = (np.mgrid[0:length, 0:length] + 0.5) / length * 2 - 1
    along = x * np.cos(angle) + y * np.sin(angle)
    across = (y * np.cos(angle) - x * np.sin(angle)) / rng.uniform(0.34, 0.48)
    bend = across + rng.uniform(-0.5, 0.5) * along**2
    ragged = 0.10 * np.interp(bend, np.linspace(-1, 1, 12), rng.normal(0, 1, 12))
    reach = np.maximum(np.abs(along + ragged) ** 3, np.abs(bend) ** 2.5)
    ridges = np.interp(bend, np.linspace(-1, 1, 14), rng.uniform(0, 1, 14))
    height = 70 + 95 * ridges * (1 - 0.4 * along) + 80 * np.clip(along, 0, 1) ** 3
    cover = np.clip((0.86 - reach) * length / 5, 0, 1) * 255
    return (
        Image.fromarray(cover.astype(np.uint8)),
        Image.fromarray(np.clip(height, 0, 255).astype(np.uint8)),
    )


def impasto(*, width: int = 1024, height: int = 768, seed: int = 5) -> Image.Image:
    """Paint sunflowers with a palette knife, as an RGB image: coarse dabs, then finer ones.

    Deterministic: the same size and seed give the same picture.

    Raises:
        ValueError: a side is shorter than 64 pixels.
    """
    check_size(width, height)
    rng = np.random.default_rng(seed)
    w, h = width * SUPERSAMPLING, height * SUPERSAMPLING
    unit = w / 1024
    color, angle = compose(rng, height, width)
    paint = Image.new("RGB", (w, h), (46, 24, 22))
    relief = Image.new("L", (w, h), 60)
    for length, spacing in LAYERS:
        size = max(4, round(length * unit))
        turns = np.arange(TURNS) / TURNS * 2 * np.pi
        stamps = [[dab(rng, size, turn) for _ in range(VARIANTS)] for turn in turns]
        points = scatter(rng, h, w, spacing=spacing * unit)
        turn = pick(angle, points / SUPERSAMPLING) + rng.normal(0, 0.25, len(points))
        index = np.round(turn / (2 * np.pi) * TURNS).astype(int) % TURNS
        shades = pick(color, points / SUPERSAMPLING) * rng.normal(1, 0.2, (len(points), 1))
        shades = np.clip(shades + rng.normal(0, 12, shades.shape), 0, 255).astype(int)
        corners = (points - size / 2).astype(int)
        for place, which, shade in zip(corners.tolist(), index, shades.tolist(), strict=True):
            cover, ridges = stamps[which][rng.integers(VARIANTS)]
            paint.paste(tuple(shade), tuple(place), cover)
            relief.paste(ridges, tuple(place), cover)
    return light(paint, relief).resize((width, height), Image.Resampling.LANCZOS)


def compose(rng: np.random.Generator, height: int, width: int) -> tuple[Floats, Floats]:
    """Where what goes: colours (height, width, 3), and the direction of dabs in radians."""
    y, x = np.mgrid[0:height, 0:width] / width
    drift = smooth_noise(rng, height, width, (3, 7, 16))
    speckle = rng.normal(0, 0.16, (height, width))
    color = blend(GROUND, np.clip(equalize(drift) + speckle, 0, 1))
    angle = 2.2 * smooth_noise(rng, height, width, (3, 5))
    fine = smooth_noise(rng, height, width, (24, 60))
    flowers = scatter(rng, int(height / width * 1000), 1000, spacing=235, jitter=0.3) / 1000
    for cx, cy in flowers:
        radius = rng.uniform(0.09, 0.155)
        squash, lean = rng.uniform(0.75, 1.0), rng.uniform(0, np.pi)
        u = (x - cx) * np.cos(lean) + (y - cy) * np.sin(lean)
        v = ((y - cy) * np.cos(lean) - (x - cx) * np.sin(lean)) / squash
        bearing = np.arctan2(v, u)
        distance = np.hypot(u, v) / radius
        rim = 0.86 + 0.14 * np.cos(bearing * rng.integers(9, 14) + rng.uniform(0, 6))
        petals, heart = distance < rim, distance < 0.36
        glow = np.clip(1.35 * distance - 0.45 + 0.16 * fine, 0, 1)
        color = np.where(petals[..., None], blend(PETALS, glow), color)
        core = np.clip(1 - distance / 0.36 + 0.4 * fine, 0, 1)
        color = np.where(heart[..., None], blend(SEEDS, core), color)
        angle = np.where(petals, np.arctan2(y - cy, x - cx), angle)
        angle = np.where(heart, angle + np.pi / 2, angle)
    return color, angle


def light(paint: Image.Image, relief: Image.Image) -> Image.Image:
    """Light the height of the paint from the upper left."""
    dy, dx = np.gradient(np.asarray(relief, dtype=np.float64) / 255)
    slope = np.asarray(np.clip(-(dx + dy) * 1.3, -0.32, 0.30))[..., None]
    lit = np.asarray(paint, dtype=np.float64) * (1 + slope) + 110 * np.maximum(slope, 0)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
