"""Oil-like brush strokes, blue and gold, that follow a swirling flow field."""

from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from style_pipeline.artworks.craft import Floats, blend, check_size, smooth_noise, trace

SUPERSAMPLING: Final = 3
# Dark to light and cold to warm, so that a photograph's tones find a color of their own.
PALETTE: Final = np.array(
    [
        (13, 20, 48),
        (20, 42, 96),
        (24, 78, 140),
        (20, 118, 148),
        (72, 160, 160),
        (164, 200, 182),
        (244, 230, 190),
        (240, 186, 78),
        (222, 130, 36),
        (176, 66, 28),
    ],
    dtype=np.float64,
)
# Strokes of one layer: width and length in pixels of a picture 1,024 wide, spacing in widths.
LAYERS: Final = ((46, 230, 0.55), (26, 170, 0.60), (15, 110, 0.72), (9, 64, 1.5))


def equalize(field: Floats) -> Floats:
    """Ranks of ``field`` in 0..1, so that every color of a palette gets its share."""
    levels = np.linspace(0, 1, 65)
    return np.asarray(np.interp(field, np.quantile(field, levels), levels))


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


def paint_stroke(
    draw: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    path: Floats,
    *,
    color: Floats,
    width: float,
) -> None:
    """Drag a brush of bristles along ``path`` (n, 2); alpha keeps the height of the paint."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    normal = np.stack((-tangent[:, 1], tangent[:, 0]), axis=1)
    count = max(5, round(width / 2.2))
    tone = np.convolve(rng.normal(0, 1, count + 4), np.ones(5) / 5**0.5, mode="valid")
    for bristle in rng.permutation(count):
        across = 2 * (bristle + rng.uniform(0.2, 0.8)) / count - 1
        # A round brush: outer bristles touch later and lift earlier; some run dry.
        slack = 0.22 * across**2 * len(path)
        first = int(slack + rng.uniform(0, 0.10) * len(path))
        last = len(path) - int(slack + rng.uniform(0, 0.18) * len(path))
        if last - first < 2:
            continue
        light = 1 + 0.10 * tone[bristle] + 0.05 * rng.normal()
        shade = np.clip(color * light + rng.normal(0, 4, 3), 0, 255)
        body = 150 + 40 * (1 - across**2) + 30 * tone[bristle]
        fill = (*(int(c) for c in shade), int(np.clip(body, 0, 255)))
        line = path[first:last] + normal[first:last] * across * width / 2
        thickness = max(2, round(1.7 * width / count + rng.uniform(0, 1)))
        draw.line([(x, y) for x, y in line], fill=fill, width=thickness, joint="curve")


def shade_relief(canvas: Image.Image) -> Image.Image:
    """Light the paint's height (alpha) from the upper left, as an oil painting hangs."""
    rgba = np.asarray(canvas, dtype=np.float64)
    dy, dx = np.gradient(rgba[..., 3] / 255)
    relief: Floats = np.asarray(np.clip(-(dx + dy) * 0.55, -0.16, 0.16))[..., None]
    lit = rgba[..., :3] * (1 + relief) + 255 * 0.35 * np.maximum(relief, 0)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def brushwork(*, width: int = 1024, height: int = 768, seed: int = 7) -> Image.Image:
    """Paint flow-field brush strokes, coarse to fine (after Hertzmann 1998), as an RGB image.

    Deterministic: the same size and seed give the same picture.

    Raises:
        ValueError: a side is shorter than 64 pixels.
    """
    check_size(width, height)
    rng = np.random.default_rng(seed)
    w, h = width * SUPERSAMPLING, height * SUPERSAMPLING
    flow = flow_field(rng, h, w)
    warmth = smooth_noise(rng, h, w, (3, 5, 9))
    ranks = equalize(warmth)
    canvas = Image.new("RGBA", (w, h), (24, 52, 96, 120))
    draw = ImageDraw.Draw(canvas)
    unit = w / 1024
    for layer, (stroke_width, length, spacing) in enumerate(LAYERS):
        count = round(w * h / (stroke_width * length * unit**2 * 0.35 * spacing) / 2)
        starts = rng.uniform((0, 0), (w, h), (count, 2))
        paths = trace(starts, flow, step=length * unit / 20, steps=10)
        for index in range(count):
            x, y = starts[index].astype(int)
            place = float(ranks[y, x]) + rng.normal(0, 0.04 + 0.02 * layer)
            accent = rng.uniform() < 0.05
            place = np.clip(1 - place if accent else place, 0, 1)
            color = blend(PALETTE, place)
            paint_stroke(
                draw,
                rng,
                paths[:, index],
                color=color * rng.normal(1, 0.09),
                width=stroke_width * unit * rng.uniform(0.7, 1.25),
            )
    return shade_relief(canvas).resize((width, height), Image.Resampling.LANCZOS)
