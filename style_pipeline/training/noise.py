"""Noise as films have it, for what learns not to stylize it."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

GRAINS: Final = (1, 2, 4, 8, 16)
"""Pixels: of a sensor's noise, and of what codecs leave of it where a picture is smooth."""


def film_noise(like: Tensor, *, most: float) -> Tensor:
    """Noise of the shape of pictures, (N, 3, H, W), from torch's random state.

    It is fine or coarse, soft or in blocks; its standard deviation is ``most`` at most, and less
    the coarser it is. One level of coarse noise, which nobody sees, moved strokes of a body that
    had learned from fine noise alone, where pictures are dark or out of focus.
    """
    grain = GRAINS[int(torch.randint(len(GRAINS), (1,)))]
    height, width = like.shape[-2:]
    noise = torch.randn(*like.shape[:2], -(-height // grain), -(-width // grain))
    if grain > 1:
        mode = "nearest" if torch.rand(()) < 0.5 else "bicubic"
        noise = F.interpolate(noise, scale_factor=grain, mode=mode)[..., :height, :width]
    drawn: Tensor = most * torch.rand(()) / grain**0.5 * noise
    return drawn.to(like)
