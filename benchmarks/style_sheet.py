"""``python -m benchmarks.style_sheet``: what every shipped style makes of some photographs."""

import argparse
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.backends.network import as_module
from style_pipeline.stylization.model_file import load_model
from style_pipeline.training.samples import paint

CELL: Final = (320, 240)
GAP: Final = 6


def style_sheet(photographs: list[Image.Image]) -> Image.Image:
    """Artworks across, with the photographs down the left, and each painted in each style."""
    sources = [ImageOps.fit(photograph, CELL) for photograph in photographs]
    columns = [[Image.new("RGB", CELL, "white"), *sources]]
    for path in shipped_styles().values():
        network = as_module(load_model(path).network)
        with Image.open(path.with_suffix(".jpg")) as artwork:
            head = ImageOps.fit(artwork, CELL, Image.Resampling.LANCZOS)
        columns.append([head, *(paint(network, source) for source in sources)])
    width, height = CELL[0] + GAP, CELL[1] + GAP
    size = (width * len(columns) - GAP, height * len(columns[0]) - GAP)
    sheet = Image.new("RGB", size, "white")
    for x, cells in enumerate(columns):
        for y, cell in enumerate(cells):
            sheet.paste(cell, (x * width, y * height))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description="Paint photographs in every shipped style.")
    parser.add_argument("photographs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    photographs = [Image.open(path).convert("RGB") for path in options.photographs]
    style_sheet(photographs).save(options.out, quality=88)


if __name__ == "__main__":
    main()
