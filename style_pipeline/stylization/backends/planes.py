"""Planar 8-bit YUV to RGB tensors and back, on whatever device the tensor is.

Planes are (N, 3H/2, W), where chroma is stored at half size (4:2:0), or (N, 3, H, W).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from style_pipeline.stylization.color import LUMA_WEIGHTS, Color


def to_rgb(planes: Tensor, color: Color) -> Tensor:
    """RGB, float32 (N, 3, H, W) in [0, 1]; chroma of half size is interpolated."""
    kr, kb = LUMA_WEIGHTS[color.matrix]
    black, luma_steps, chroma_steps = color.levels
    luma, chroma = (part.float() for part in split(planes))
    if chroma.shape[-2:] != luma.shape[-2:]:
        chroma = F.interpolate(chroma, scale_factor=2.0, mode="bilinear")
    y = (luma - black) / luma_steps
    u, v = torch.tensor_split((chroma - 128.0) / chroma_steps, 2, dim=1)
    red = y + 2 * (1 - kr) * v
    blue = y + 2 * (1 - kb) * u
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return torch.cat([red, green, blue], dim=1).clamp(0, 1)


def from_rgb(rgb: Tensor, color: Color, *, subsampled: bool) -> Tensor:
    """Planes, uint8, of float (N, 3, H, W), whose values beyond [0, 1] are clamped.

    They are 4:2:0, by averaging, where chroma is to be `subsampled`; both sides are even then.
    """
    kr, kb = LUMA_WEIGHTS[color.matrix]
    black, luma_steps, chroma_steps = color.levels
    red, green, blue = torch.tensor_split(rgb.float().clamp(0, 1), 3, dim=1)
    y = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = torch.cat([(blue - y) / (2 * (1 - kb)), (red - y) / (2 * (1 - kr))], dim=1)
    if subsampled:
        chroma = F.avg_pool2d(chroma, 2)
    return join(_to_bytes(y * luma_steps + black), _to_bytes(chroma * chroma_steps + 128.0))


def split(planes: Tensor) -> tuple[Tensor, Tensor]:
    """Luma (N, 1, H, W) and chroma (N, 2, H/2, W/2) or (N, 2, H, W), as views of
    contiguous planes."""
    if planes.ndim == 4:
        return planes[:, :1], planes[:, 1:]
    number, rows, width = planes.shape
    height = rows * 2 // 3
    return planes[:, None, :height], planes[:, height:].reshape(number, 2, height // 2, width // 2)


def join(luma: Tensor, chroma: Tensor) -> Tensor:
    """The planes that `split` takes."""
    if chroma.shape[-2:] == luma.shape[-2:]:
        return torch.cat([luma, chroma], dim=1)
    return torch.cat([luma[:, 0], chroma.reshape(len(luma), -1, luma.shape[-1])], dim=1)


def _to_bytes(values: Tensor) -> Tensor:
    return values.round().clamp(0, 255).to(torch.uint8)
