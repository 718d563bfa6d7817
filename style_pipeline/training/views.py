"""What a training looks at: views of photographs, and the painting at the size it is learned at."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.transforms.v2 import ColorJitter, functional


def draw_view(picture: Tensor, *, side: int, zoom: tuple[float, float]) -> Tensor:
    """A square of a picture as film shows it: near or far, out of focus now and then, darker or
    brighter. uint8 (3, H, W) to float (1, 3, side, side) in [0, 1], from torch's random state."""
    low, high = map(math.log, zoom)
    height, width = picture.shape[1:]
    size = min(round(side / math.exp(low + float(torch.rand(())) * (high - low))), height, width)
    top, left = (int(torch.randint(n - size + 1, (1,))) for n in (height, width))
    square = cut(picture[None], (top, left), size).float() / 255
    view = functional.resize(square, [side, side], antialias=True)
    if torch.rand(()) < 0.5:
        view = view.flip(3)
    if torch.rand(()) < 0.2:
        view = functional.gaussian_blur(view, [13, 13], [float(0.5 + 2.5 * torch.rand(()))])
    jitter = ColorJitter(brightness=(0.5, 1.2), contrast=0.2, saturation=0.2)
    changed: Tensor = jitter(view)
    return changed.clamp(0, 1)


def cut(picture: Tensor, place: Sequence[int], side: int) -> Tensor:
    """A square of a picture, so many pixels down and right."""
    top, left = place
    return picture[..., top : top + side, left : left + side]


def shrunk(painting: Tensor, longest: int) -> Tensor:
    """A painting, uint8 (3, H, W), with its long side at ``longest`` pixels at most: float
    (1, 3, h, w) in [0, 1]. It is never enlarged: that would teach blur."""
    height, width = painting.shape[-2:]
    scale = min(1.0, longest / max(height, width))
    size = [max(32, round(side * scale)) for side in (height, width)]
    resized: Tensor = functional.resize(painting, size, antialias=True)
    return resized[None].float() / 255
