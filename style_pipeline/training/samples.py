"""What a style makes of a few photographs, for people to look at."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from style_pipeline.stylization.brushing import brushed
from style_pipeline.training.fitting import Style
from style_pipeline.training.painting import to_tensor

WIDTH: Final = 1100
"""Pixels, as wide as the UI shows a picture without cutting it off."""
GAP: Final = 4


def sample_sheet(
    style: Style, photographs: Sequence[Tensor], *, painting: Image.Image, width: int = WIDTH
) -> Image.Image:
    """The painting, and below it each photograph, uint8 RGB (3, H, W), beside its picture in the
    style; half of ``width`` pixels each, less a gap."""
    cell = (width - 3 * GAP) // 2
    learned = painting.copy()
    learned.thumbnail((width - 2 * GAP, cell))
    rows = [[learned]]
    for photograph in photographs:
        source = to_image(photograph)
        source.thumbnail((cell, cell))
        rows.append([source, stylized(style, source)])
    height = sum(row[0].height + GAP for row in rows) + GAP
    sheet = Image.new("RGB", (width, height), "white")
    top = GAP
    for row in rows:
        for column, image in enumerate(row):
            sheet.paste(image, (GAP + column * (cell + GAP), top))
        top += row[0].height + GAP
    return sheet


@torch.inference_mode()
def stylized(style: Style, photograph: Image.Image) -> Image.Image:
    """An RGB picture of any size in the style."""
    pixels = to_tensor(photograph)[None].to(style.vector.device).float() / 255
    height, width = pixels.shape[-2:]
    down, right = -height % style.stride, -width % style.stride
    made = style(F.pad(pixels, (0, right, 0, down), mode="reflect"))
    image = to_image((made[0, :, :height, :width] * 255).round().byte().cpu())
    amount = style.brushing
    if amount == 0:  # conversions of colors round
        return image
    planes = np.moveaxis(np.asarray(image.convert("YCbCr")), 2, 0)
    smooth = np.moveaxis(brushed(planes, amount), 0, 2)
    return Image.fromarray(smooth, "YCbCr").convert("RGB")


def to_image(pixels: Tensor) -> Image.Image:
    """An image of uint8 RGB (3, H, W)."""
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())
