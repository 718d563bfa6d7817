"""Pictures, networks whose result is known, and the engine with both."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.color import Picture, shape_of
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.backends.network import ARCHITECTURES, PaintingNetwork


class Recorder(nn.Module):
    """Hands pictures on and remembers their sizes."""

    def __init__(self, stride: int = 4) -> None:
        super().__init__()
        self.stride = stride
        self.sizes: list[tuple[int, ...]] = []

    @property
    def largest(self) -> int:
        """Pixels of the largest picture."""
        return max(height * width for height, width in self.sizes)

    def forward(self, images: Tensor) -> Tensor:
        self.sizes.append(tuple(images.shape[-2:]))
        return images


class Negative(nn.Module):
    """Changes luma and chroma everywhere."""

    def forward(self, images: Tensor) -> Tensor:
        return 1 - images


def small(architecture: str = "slim", *, residual_blocks: int = 1) -> StyleNetwork:
    """Untrained, of a few channels."""
    torch.manual_seed(0)
    network = ARCHITECTURES[architecture](channels=(4, 8, 8), residual_blocks=residual_blocks)
    return network.plain()


def untrained(architecture: str, *, seed: int) -> PaintingNetwork:
    """With random weights, and normalizations as uneven as trained ones."""
    torch.manual_seed(seed)
    network = ARCHITECTURES[architecture](channels=(8, 12, 16), residual_blocks=1)
    for layer in network.modules():
        if isinstance(layer, nn.InstanceNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.5, 0.5)
    return network


def psnr(found: npt.NDArray[Any], expected: npt.NDArray[Any], *, peak: float = 255) -> float:
    error = float(np.mean((found.astype(float) - expected) ** 2))
    return 10 * math.log10(peak**2 / max(error, 1e-9))


def pictures(width: int, height: int, count: int = 3, *, seed: int = 0) -> list[Picture]:
    """Pictures in soft colours that RGB can show, in the layout of their size."""
    rng = np.random.default_rng(seed)
    shape = shape_of((width, height))
    return [rng.integers(110, 146, shape).astype(np.uint8) for _ in range(count)]


def style(
    network: StyleNetwork | nn.Module,
    given: list[Picture],
    size: tuple[int, int],
    *,
    max_pixels: int | None = None,
    strength: float = 1.0,
    preserve_colors: bool = False,
) -> list[Picture]:
    engine = Engine(network, device="cpu", max_pixels=max_pixels)
    return list(
        engine.style(
            given,
            size=size,
            matrix="bt709",
            full_range=False,
            strength=strength,
            preserve_colors=preserve_colors,
        )
    )
