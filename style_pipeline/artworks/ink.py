"""Mountains in mist, in sepia ink on cream paper: washes, and swelling strokes of a pen."""

from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from style_pipeline.artworks.craft import Floats, blend, check_size, smooth_noise, trace

SUPERSAMPLING: Final = 3
# The wash: paper, then ink ever less thinned.
WASH: Final = np.array(
    [(246, 236, 214), (230, 208, 170), (198, 162, 118), (150, 108, 70), (98, 64, 42)],
    dtype=np.float64,
)
INK: Final = np.array((44, 27, 21))
# Hatching: turn against the slope in radians, spacing of the strokes, and the tone it begins at.
HATCHES: Final = ((0.0, 14, 0.05), (0.9, 15, 0.43), (-0.8, 16, 0.64))
STROKE: Final = (58, 4.4)


def ink(*, width: int = 1024, height: int = 768, seed: int = 21) -> Image.Image:
    """Draw mountains with pen and wash, as an RGB image: the darker, the more hatches cross.

    Deterministic: the same size and seed give the same picture.

    Raises:
        ValueError: a side is shorter than 64 pixels.
    """
    check_size(width, height)
    rng = np.random.default_rng(seed)
    tone, angle = compose(rng, height, width)
    w, h = width * SUPERSAMPLING, height * SUPERSAMPLING
    unit = w / 1024
    grain = smooth_noise(rng, height, width, (40, 110, 250))
    washed = np.clip(1.05 * tone + 0.13 * grain * (0.3 + tone), 0, 1)
    sheet = Image.fromarray(np.clip(blend(WASH, washed), 0, 255).astype(np.uint8))
    canvas = sheet.resize((w, h), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(canvas)
    length, nib = STROKE
    for turn, spacing, begins in HATCHES:
        flow = (np.cos(angle + turn), np.sin(angle + turn))
        points = scatter(rng, h, w, spacing=spacing * unit) / SUPERSAMPLING
        dark = pick(tone, points) + rng.normal(0, 0.07, len(points))
        points, dark = points[dark > begins], dark[dark > begins]
        paths = trace(points, flow, step=length * unit / SUPERSAMPLING / 12, steps=6)
        for index, depth in enumerate(dark):
            swell = nib * unit * (0.35 + 0.95 * min(1, depth)) * rng.uniform(0.7, 1.2)
            path = paths[rng.integers(0, 3) : 13 - rng.integers(0, 3), index] * SUPERSAMPLING
            shade = (INK * rng.uniform(0.6, 1.5)).astype(int)
            draw.polygon(outline(path, swell), fill=tuple(shade.tolist()))
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def outline(path: Floats, swell: float) -> list[tuple[float, float]]:
    """Both sides of a pen stroke along ``path`` (n, 2), ``swell`` wide where it is pressed."""
    tangent = np.gradient(path, axis=0)
    normal = np.stack((-tangent[:, 1], tangent[:, 0]), axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    pressure = np.sin(np.linspace(0, 1, len(path)) ** 0.7 * np.pi)[:, None]
    side = normal * (0.12 + 0.88 * pressure) * swell / 2
    return [(x, y) for x, y in np.concatenate((path + side, (path - side)[::-1]))]


def compose(rng: np.random.Generator, height: int, width: int) -> tuple[Floats, Floats]:
    """Darkness in 0..1, and the direction of the first hatch in radians, both (height, width)."""
    y = np.arange(height)[:, None] / width
    rough = smooth_noise(rng, height, width, (7, 15, 31))
    tone = 0.20 + 0.17 * smooth_noise(rng, height, width, (3, 6, 13))
    angle = 0.7 * smooth_noise(rng, height, width, (2, 4))
    soft = max(2, width // 40)
    window = np.hanning(2 * soft + 1) / soft
    for depth, base in enumerate((0.20, 0.32, 0.46, 0.60)):
        line = smooth_noise(rng, 2, width, (3, 7, 15, 31))[0]
        # A broader outline turns the hatches: those of its teeth would be zigzags.
        trend = np.convolve(np.pad(line, 2 * soft, "edge"), window, mode="same")[
            2 * soft : -2 * soft
        ]
        ridge = base - 0.11 * line
        below = (y - ridge) / (0.16 + 0.02 * depth)
        slope = np.arctan(-0.11 * np.gradient(trend) * width)
        # Ink gathers along the crest and thins into mist; gullies run down the flank.
        flank = np.exp(-2.2 * below) * (0.52 + 0.09 * depth) + 0.26 * rough * np.exp(-below)
        mountain = below > 0
        tone = np.where(mountain, 0.10 + flank, tone)
        angle = np.where(mountain, slope + np.clip(1.2 * below, 0, 1.2) * np.sign(slope), angle)
    return np.clip(tone, 0, 1), angle


def scatter(rng: np.random.Generator, height: int, width: int, *, spacing: float) -> Floats:
    """Points (n, 2) on a jittered grid that overhangs the canvas, in random order, in pixels."""
    y, x = np.mgrid[-spacing : height + spacing : spacing, -spacing : width + spacing : spacing]
    points = np.stack((x.ravel(), y.ravel()), axis=1)
    return rng.permutation(points + rng.uniform(-0.5, 0.5, points.shape) * spacing)


def pick(field: Floats, points: Floats) -> Floats:
    """``field`` (height, width) at the nearest pixel of each point (n, 2), clamped."""
    height, width = field.shape[:2]
    column = np.clip(points[:, 0], 0, width - 1).astype(int)
    row = np.clip(points[:, 1], 0, height - 1).astype(int)
    picked: Floats = field[row, column]
    return picked
