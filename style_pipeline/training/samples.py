"""What a style makes of a few photographs, for people to look at."""

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from style_pipeline.training.fitting import Style
from style_pipeline.training.painting import to_tensor

CELL: Final = 640
"""Pixels, as wide as half of a 720p frame: smaller ones hide what is wrong with strokes."""


def sample_sheet(style: Style, photographs: Sequence[Tensor], *, cell: int = CELL) -> Image.Image:
    """Each photograph, uint8 RGB (3, H, W), above its picture in the style, ``cell`` pixels a
    column."""
    sources = [to_image(photograph) for photograph in photographs]
    for source in sources:
        source.thumbnail((cell, cell))
    row = max(source.height for source in sources)
    sheet = Image.new("RGB", (cell * len(sources), 2 * row), "white")
    for column, source in enumerate(sources):
        sheet.paste(source, (column * cell, 0))
        sheet.paste(stylized(style, source), (column * cell, row))
    return sheet


@torch.inference_mode()
def stylized(style: Style, photograph: Image.Image) -> Image.Image:
    """An RGB picture of any size in the style."""
    pixels = to_tensor(photograph)[None].to(style.vector.device).float() / 255
    height, width = pixels.shape[-2:]
    down, right = -height % style.stride, -width % style.stride
    made = style(F.pad(pixels, (0, right, 0, down), mode="reflect"))
    return to_image((made[0, :, :height, :width] * 255).round().byte().cpu())


def to_image(pixels: Tensor) -> Image.Image:
    """An image of uint8 RGB (3, H, W)."""
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())
