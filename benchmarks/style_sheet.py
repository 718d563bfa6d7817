"""``python -m benchmarks.style_sheet``: what every shipped style makes of some photographs."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image as Pictures

from benchmarks.film import HD, read_photograph
from benchmarks.painters import painter_of
from benchmarks.sheets import Picture, grid, whole
from benchmarks.warping import Image
from style_pipeline.styles import shipped_styles

CELL: Final = (320, 180)


def style_sheet(photographs: Sequence[Image]) -> Picture:
    """Artworks across, with the photographs down the left, and each painted in each style."""
    blank = Pictures.new("RGB", CELL, "white")
    columns = {"": [blank, *(whole(photograph, CELL) for photograph in photographs)]}
    for name, model in shipped_styles().items():
        painter = painter_of(model)
        with Pictures.open(model.with_suffix(".jpg")) as artwork:
            pixels = np.asarray(artwork.convert("RGB"), np.float32) / np.float32(255)
        painted = [whole(painter(photograph), CELL) for photograph in photographs]
        columns[name] = [whole(pixels, CELL), *painted]
    return grid(columns)


def main() -> None:
    parser = argparse.ArgumentParser(description="Paint photographs in every shipped style.")
    parser.add_argument("photographs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    photographs = [read_photograph(path, HD) for path in options.photographs]
    style_sheet(photographs).save(options.out, quality=88)


if __name__ == "__main__":
    main()
