"""What a network makes of a few photographs, for people to look at."""

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from style_pipeline.stylization.backends.network import PaintingNetwork
from style_pipeline.training.painting import to_tensor

CELL: Final = 320


def paint_samples(
    network: PaintingNetwork, photographs: Sequence[Tensor], *, cell: int = CELL
) -> Image.Image:
    """Each photograph, uint8 RGB (3, H, W), above its painting, ``cell`` pixels a column."""
    sources = [to_image(photograph) for photograph in photographs]
    for source in sources:
        source.thumbnail((cell, cell))
    row = max(source.height for source in sources)
    sheet = Image.new("RGB", (cell * len(sources), 2 * row), "white")
    for column, source in enumerate(sources):
        sheet.paste(source, (column * cell, 0))
        sheet.paste(paint(network, source), (column * cell, row))
    return sheet


@torch.inference_mode()
def paint(network: PaintingNetwork, photograph: Image.Image) -> Image.Image:
    """What ``network`` makes of an RGB picture of any size."""
    pixels = to_tensor(photograph)[None].to(next(network.parameters()).device).float() / 255
    height, width = pixels.shape[-2:]
    down, right = -height % network.stride, -width % network.stride
    painted = network(F.pad(pixels, (0, right, 0, down), mode="reflect"))
    return to_image((painted[0, :, :height, :width] * 255).round().byte().cpu())


def to_image(pixels: Tensor) -> Image.Image:
    """An image of uint8 RGB (3, H, W)."""
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())
