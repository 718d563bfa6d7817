"""A flower bed in transparent washes on rough paper: dark edges, blooms and granulation."""

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

PAPER: Final = (250, 246, 236)
MIST: Final = np.array([(196, 222, 232), (214, 204, 232), (246, 214, 206), (222, 232, 196)], float)
LEAVES: Final = np.array([(34, 44, 92), (28, 92, 104), (52, 128, 96), (122, 158, 66)], float)
PETALS: Final = np.array([(150, 40, 110), (216, 62, 96), (238, 122, 104), (248, 184, 92)], float)
HEARTS: Final = np.array([(60, 24, 60), (96, 48, 30)], float)


def watercolour(*, width: int = 1024, height: int = 768, seed: int = 8) -> Image.Image:
    """Wash a flower bed, as an RGB image: pigment adds up as optical density (Beer-Lambert).

    Deterministic: the same size and seed give the same picture.

    Raises:
        ValueError: a side is shorter than 64 pixels.
    """
    check_size(width, height)
    rng = np.random.default_rng(seed)
    sheet = Sheet(rng, height, width)
    unit = width / 1024
    drift = equalize(smooth_noise(rng, height, width, (3, 6)))
    lean = 2.5 * smooth_noise(rng, height, width, (2, 4, 8))

    def colors(palette: Floats, points: Floats) -> Floats:
        place = pick(drift, points) + rng.normal(0, 0.16, len(points))
        return blend(palette, np.clip(place, 0, 1))

    points = scatter(rng, height, width, spacing=110 * unit)
    for point, color in zip(points, colors(MIST, points), strict=True):
        sheet.wash(point, color, radii=rng.uniform(70, 130, 2) * unit, angle=0, strength=0.6)
    points = scatter(rng, height, width, spacing=36 * unit)
    for point, color in zip(points, colors(LEAVES, points), strict=True):
        long = rng.uniform(24, 52) * unit
        angle = float(pick(lean, point[None])[0]) + rng.normal(0, 0.35)
        radii = np.array((long, long * rng.uniform(0.22, 0.4)))
        sheet.wash(point, color, radii=radii, angle=angle, strength=rng.uniform(0.2, 0.8))
    points = scatter(rng, height, width, spacing=118 * unit, jitter=0.4)
    for point, color in zip(points, colors(PETALS, points), strict=True):
        reach, first = rng.uniform(24, 44) * unit, rng.uniform(0, 2 * np.pi)
        sheet.lift(point, 1.85 * reach)
        for angle in first + np.arange(6) * np.pi / 3 + rng.normal(0, 0.12, 6):
            centre = point + 0.95 * reach * np.array((np.cos(angle), np.sin(angle)))
            radii = reach * np.array((0.86, 0.60)) * rng.uniform(0.85, 1.1, 2)
            tint = np.clip(color * rng.normal(1, 0.08, 3), 8, 250)
            sheet.wash(centre, tint, radii=radii, angle=angle, strength=rng.uniform(0.45, 0.95))
        for dot in point + rng.normal(0, 0.16 * reach, (7, 2)):
            heart = blend(HEARTS, rng.uniform())
            sheet.wash(dot, heart, radii=np.full(2, 4.5 * unit), angle=0, strength=0.9)
    return sheet.dry()


class Sheet:
    """Rough paper, and the optical density (height, width, 3) of the pigment on it."""

    def __init__(self, rng: np.random.Generator, height: int, width: int) -> None:
        self.rng = rng
        self.density = np.zeros((height, width, 3))
        self.grain = smooth_noise(rng, height, width, (90, 200, 380))
        self.wobble = smooth_noise(rng, height, width, (14, 34, 80))

    def wash(
        self, centre: Floats, color: Floats, *, radii: Floats, angle: float, strength: float
    ) -> None:
        """A puddle: pigment settles in the paper's hollows, and is carried to the edge."""
        window, u, v = self.around(centre, 1.5 * float(radii.max()))
        wobble, grain = self.wobble[window], self.grain[window]
        across = (u * np.cos(angle) + v * np.sin(angle)) / radii[0]
        along = (v * np.cos(angle) - u * np.sin(angle)) / radii[1]
        inside = 1 - np.hypot(across, along) - 0.22 * wobble
        size = float(radii.min())
        cover = np.clip(inside * size / 1.6, 0, 1)
        rim = np.exp(-((inside * size / 3.0) ** 2)) * cover
        bloom = 0.75 + 0.35 * across + 0.45 * wobble
        amount = np.clip(cover * (bloom + 0.38 * grain) + 0.9 * rim, 0, None) * strength
        self.density[window] += amount[..., None] * -np.log(np.maximum(color, 4) / 255)

    def lift(self, centre: Floats, radius: float) -> None:
        """Wipe wet pigment away, so that what comes next stays clear."""
        window, u, v = self.around(centre, 1.3 * radius)
        inside = 1 - np.hypot(u, v) / radius - 0.2 * self.wobble[window]
        self.density[window] *= 1 - 0.85 * np.clip(inside * 5, 0, 1)[..., None]

    def around(self, centre: Floats, reach: float) -> tuple[tuple[slice, slice], Floats, Floats]:
        """The part of the sheet within ``reach`` of ``centre``, and offsets (x, y) from it."""
        (left, top), (right, bottom) = (
            np.clip(centre + sign * reach, 0, self.grain.shape[::-1]).astype(int)
            for sign in (-1, 1)
        )
        u = np.arange(left, right)[None] - centre[0]
        v = np.arange(top, bottom)[:, None] - centre[1]
        return np.s_[top:bottom, left:right], u, v

    def dry(self) -> Image.Image:
        """The sheet as an RGB picture."""
        dy, dx = np.gradient(self.grain)
        paper = np.array(PAPER) * (1 - np.clip(0.06 * (dx + dy), -0.06, 0.06))[..., None]
        picture = paper * np.exp(-self.density)
        return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
