"""A river bank in dots of pure, complementary colours, which mix in the eye."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from style_pipeline.artworks.craft import (
    Floats,
    check_size,
    pick,
    scatter,
    smooth_noise,
)

SUPERSAMPLING: Final = 3
PIGMENTS: Final = np.array(
    [
        (30, 22, 70),  # night violet
        (52, 44, 140),  # ultramarine
        (110, 72, 168),  # violet
        (24, 92, 84),  # viridian
        (70, 146, 60),  # leaf green
        (160, 194, 60),  # lime
        (84, 150, 214),  # cerulean
        (170, 200, 236),  # pale blue
        (206, 60, 66),  # vermilion
        (238, 124, 44),  # orange
        (246, 150, 160),  # rose
        (250, 208, 84),  # yellow
        (254, 240, 206),  # cream
    ],
    dtype=np.float64,
)
# Shares of the pigments in a zone's light and in its shadow.
ZONES: Final = {
    "sky": ({6: 2, 7: 4, 12: 4, 10: 3, 11: 2}, {6: 6, 2: 2, 7: 5, 10: 3}),
    "hills": ({10: 2, 6: 2, 5: 2, 2: 2, 9: 1}, {1: 3, 2: 3, 3: 2, 8: 1}),
    "water": ({7: 4, 6: 4, 12: 4, 10: 1, 11: 1}, {1: 6, 6: 4, 3: 3, 2: 2, 9: 1}),
    "trees": ({5: 4, 4: 4, 11: 2, 9: 2, 6: 1}, {0: 5, 3: 5, 1: 3, 8: 1, 4: 2}),
    "grass": ({5: 4, 11: 4, 4: 2, 9: 2, 12: 1}, {3: 4, 4: 3, 1: 2, 2: 1, 8: 2}),
}
HORIZON: Final = 0.43
# Trees: centre and radii of the crown, in widths and heights of the picture; far ones first.
CROWNS: Final = (
    (0.53, 0.35, 0.026, 0.11),
    (0.60, 0.32, 0.026, 0.15),
    (0.67, 0.36, 0.024, 0.10),
    (0.36, 0.36, 0.05, 0.085),
    (0.91, 0.34, 0.13, 0.26),
    (0.13, 0.27, 0.17, 0.30),
)
# Dots of one layer: diameter, and spacing, in pixels of a picture 1,024 wide.
LAYERS: Final = ((21, 11), (17, 10), (13, 9.5), (9, 13))


def pointillism(*, width: int = 1024, height: int = 768, seed: int = 11) -> Image.Image:
    """Dot a river bank, as an RGB image: each dot one pigment, drawn by the shares of its zone.

    Deterministic: the same size and seed give the same picture.

    Raises:
        ValueError: a side is shorter than 64 pixels.
    """
    check_size(width, height)
    rng = np.random.default_rng(seed)
    zone, sunlight = compose(rng, height, width)
    shares = np.cumsum([[share_of(part) for part in parts] for parts in ZONES.values()], axis=-1)
    w, h = width * SUPERSAMPLING, height * SUPERSAMPLING
    unit = w / 1024
    canvas = Image.new("RGB", (w, h), (226, 208, 190))
    draw = ImageDraw.Draw(canvas)
    for diameter, spacing in LAYERS:
        points = scatter(rng, h, w, spacing=spacing * unit)
        where = pick(zone, points / SUPERSAMPLING)
        sunny = rng.uniform(size=len(points)) < pick(sunlight, points / SUPERSAMPLING)
        chance = shares[where, 1 - sunny.astype(int), :-1]
        pigment = (rng.uniform(size=(len(points), 1)) > chance).sum(axis=1)
        shades = PIGMENTS[pigment] * rng.normal(1, 0.07, (len(points), 1))
        shades = np.clip(shades + rng.normal(0, 5, shades.shape), 0, 255).astype(int)
        radii = diameter / 2 * unit * rng.uniform(0.75, 1.15, (len(points), 2))
        boxes = np.concatenate((points - radii, points + radii), axis=1)
        for box, shade in zip(boxes.tolist(), shades.tolist(), strict=True):
            draw.ellipse(box, fill=tuple(shade))
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def share_of(parts: dict[int, int]) -> Floats:
    """Shares that add up to 1, one for each pigment."""
    shares = np.zeros(len(PIGMENTS))
    shares[list(parts)] = list(parts.values())
    return np.asarray(shares / shares.sum())


def compose(
    rng: np.random.Generator, height: int, width: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Zone, as an index into ZONES, and share of sunlight in 0..1, both (height, width)."""
    y, x = np.mgrid[0:height, 0:width] / np.array((height, width)).reshape(2, 1, 1)
    drift = smooth_noise(rng, height, width, (5, 11, 23))
    ripples = smooth_noise(rng, height, max(4, width // 6), (4, 9, 18))
    ripples = np.repeat(ripples, 7, axis=1)[:, :width]
    ridge = 0.33 + 0.06 * smooth_noise(rng, 2, width, (4, 9))[:1]
    bank = 0.60 + 0.32 * (1 - x) ** 2 + 0.02 * drift
    places = [y < ridge, y < HORIZON, y < bank]
    zone = np.select(places, [0, 1, 2], 4)
    light = np.select(
        places,
        [0.15 + 2.2 * y + 0.5 * drift, 0.45 + 0.7 * drift, 0.55 + 1.1 * ripples],
        0.50 + 1.0 * drift,
    )
    for cx, cy, rx, ry in CROWNS:
        u, v = (x - cx) / rx, (y - cy) / ry
        crown = np.hypot(u, v) < 0.9 + 0.28 * drift
        trunk = (np.abs(x - cx) < 0.09 * rx) & (y > cy) & (y < cy + 1.7 * ry)
        # Trees stand in the river upside down, broken by its ripples.
        mirrored = (np.hypot(u, (2 * HORIZON + 0.06 - y - cy) / ry) < 1 + ripples) & (zone == 2)
        light = np.where(mirrored, light - 0.55, light)
        light = np.where(crown, 0.42 - 0.42 * u - 0.42 * v + 0.8 * drift, light)
        light = np.where(trunk & ~crown, 0.12, light)
        zone = np.where(crown | trunk, 3, zone)
    return zone, np.clip(light, 0.03, 0.97)
