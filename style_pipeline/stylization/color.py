"""Planar 8-bit YUV to RGB tensors and back, on whatever device the tensor is."""

from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

LUMA_WEIGHTS: Final = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
}
"""Kr and Kb of each YUV matrix (ITU-T H.273, table 4)."""


@dataclass(frozen=True, kw_only=True)
class Color:
    """How the planes of a picture are to be read.

    Raises `ValueError` for a matrix that is not in `LUMA_WEIGHTS`.
    """

    width: int
    height: int
    matrix: str
    full_range: bool

    def __post_init__(self) -> None:
        if self.matrix not in LUMA_WEIGHTS:
            raise ValueError(f"{self.matrix = } must be one of {', '.join(LUMA_WEIGHTS)}")

    @property
    def _levels(self) -> tuple[float, float, float]:
        """Black level, and the steps from black to white and across each chroma axis."""
        return (0.0, 255.0, 255.0) if self.full_range else (16.0, 219.0, 224.0)

    def to_rgb(self, pictures: Tensor) -> Tensor:
        """RGB of pictures: uint8 (N, 3H/2, W) or (N, 3, H, W) to float32 (N, 3, H, W) in [0, 1].

        Chroma that is stored at half size is interpolated.
        """
        kr, kb = LUMA_WEIGHTS[self.matrix]
        black, luma_steps, chroma_steps = self._levels
        if pictures.ndim == 4:
            luma, chroma = pictures[:, :1].float(), pictures[:, 1:].float()
        else:
            luma = pictures[:, None, : self.height].float()
            half = pictures[:, self.height :].reshape(-1, 2, self.height // 2, self.width // 2)
            chroma = F.interpolate(half.float(), scale_factor=2.0, mode="bilinear")
        y = (luma - black) / luma_steps
        u, v = torch.tensor_split((chroma - 128.0) / chroma_steps, 2, dim=1)
        red = y + 2 * (1 - kr) * v
        blue = y + 2 * (1 - kb) * u
        green = (y - kr * red - kb * blue) / (1 - kr - kb)
        return torch.cat([red, green, blue], dim=1).clamp(0, 1)

    def from_rgb(self, rgb: Tensor) -> Tensor:
        """Pictures of RGB: float (N, 3, H, W) to uint8 in the layout that `to_rgb` takes.

        Values beyond [0, 1] are clamped. Sizes that are even in both directions become 4:2:0, by
        averaging; others stay 4:4:4.
        """
        kr, kb = LUMA_WEIGHTS[self.matrix]
        black, luma_steps, chroma_steps = self._levels
        red, green, blue = torch.tensor_split(rgb.float().clamp(0, 1), 3, dim=1)
        y = kr * red + (1 - kr - kb) * green + kb * blue
        chroma = torch.cat([(blue - y) / (2 * (1 - kb)), (red - y) / (2 * (1 - kr))], dim=1)
        y8 = _to_bytes(y * luma_steps + black)
        if self.width % 2 or self.height % 2:
            return torch.cat([y8, _to_bytes(chroma * chroma_steps + 128.0)], dim=1)
        half = _to_bytes(F.avg_pool2d(chroma, 2) * chroma_steps + 128.0)
        return torch.cat([y8[:, 0], half.reshape(-1, self.height // 2, self.width)], dim=1)


def _to_bytes(values: Tensor) -> Tensor:
    return values.round().clamp(0, 255).to(torch.uint8)
