"""``python -m benchmarks.morph CLIP OUT.webp --styles A B C``: a clip that changes its style."""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from PIL import Image as Pictures

from benchmarks.film import read_frames
from benchmarks.painters import stylized
from benchmarks.sheets import Picture, to_picture
from benchmarks.warping import Image
from style_pipeline.look.mixtures import Mixture
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.architecture import mixed
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model

WIDTH: Final = 560
FPS: Final = 12.5


def mixtures(styles: Sequence[str], count: int) -> list[Mixture]:
    """From each style to the next, each for as long, and held for a third of that."""
    each = count / (len(styles) - 1)
    found: list[Mixture] = []
    for number in range(count):
        first, second = list(pairwise(styles))[min(int(number / each), len(styles) - 2)]
        share = min(max((number % each) / each * 1.5 - 0.25, 0.0), 1.0)
        found.append({first: 1 - share, second: share})
    return found


def morph(frames: Sequence[Image], styles: Sequence[str]) -> list[Picture]:
    models = {name: load_model(shipped_styles()[name]) for name in styles}
    vectors = {name: model.network.style for name, model in models.items()}
    engine = Engine.load(models[styles[0]].network)
    chosen = (mixed(vectors, shares) for shares in mixtures(styles, len(frames)))
    return [to_picture(made) for made in stylized(engine, frames, chosen)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Stylize a clip that changes its style.")
    parser.add_argument("clip", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--styles", nargs="+", required=True, choices=shipped_styles())
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--every", type=int, default=2)
    options = parser.parse_args()
    frames = read_frames(options.clip, first=options.first, count=options.frames)
    pictures = morph(frames[:: options.every], options.styles)
    for picture in pictures:
        picture.thumbnail((WIDTH, WIDTH), Pictures.Resampling.LANCZOS)
    first, *others = pictures
    first.save(
        options.out, save_all=True, append_images=others, duration=1000 / FPS, loop=0, quality=75
    )


if __name__ == "__main__":
    main()
