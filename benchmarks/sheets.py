"""Pictures side by side, with labels."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont, ImageOps

from benchmarks.measures import center
from benchmarks.warping import Image

Picture = Pictures.Image
GAP: Final = 6
LABEL: Final = 22
WHOLE: Final = (480, 270)
CROP: Final = (360, 270)


def to_picture(image: Image) -> Picture:
    return Pictures.fromarray((image * 255).round().clip(0, 255).astype(np.uint8))


def whole(image: Image, size: tuple[int, int] = WHOLE) -> Picture:
    """All of it, as large as fits into ``size``, on white."""
    return ImageOps.pad(to_picture(image), size, Pictures.Resampling.LANCZOS, color="white")


def crop(image: Image, size: tuple[int, int] = CROP) -> Picture:
    """Its middle at 100%."""
    return ImageOps.pad(to_picture(center(image, size)), size, color="white")


def grid(columns: Mapping[str, Sequence[Picture]]) -> Picture:
    """Columns of pictures of one size, each under its label."""
    width, height = next(iter(columns.values()))[0].size
    rows = max(len(cells) for cells in columns.values())
    size = (len(columns) * (width + GAP) - GAP, LABEL + rows * (height + GAP) - GAP)
    sheet = Pictures.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for column, (label, cells) in enumerate(columns.items()):
        x = column * (width + GAP)
        draw.text((x + 2, 2), label, fill="black", font=font)
        for row, cell in enumerate(cells):
            sheet.paste(cell, (x, LABEL + row * (height + GAP)))
    return sheet
