"""Pictures, networks whose result is known, and the engine with both."""

import math
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Architecture, StyleNetwork, Vector
from style_pipeline.stylization.backends.network import Network
from style_pipeline.stylization.backends.pytorch import PyTorchBackend
from style_pipeline.stylization.color import Color, Picture, shape_of
from style_pipeline.stylization.engine import Engine


class Unchanged(nn.Module):
    """Hands pictures on."""

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        return images


class Recorder(Unchanged):
    """Hands pictures on and remembers their sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[int, ...]] = []

    @property
    def largest(self) -> int:
        """Pixels of the largest picture."""
        return max(height * width for height, width in self.sizes)

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        self.sizes.append(tuple(images.shape[-2:]))
        return super().forward(images, styles)


class Negative(nn.Module):
    """Changes luma and chroma everywhere."""

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        return 1 - images


class Level(nn.Module):
    """Paints everything in the gray that a style's only number is."""

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        return torch.ones_like(images) * styles[:, :, None, None]


BT709 = Color(matrix="bt709", full_range=False)
ANY_STYLE = np.zeros(1, np.float32)
"""Of networks whose result is known."""


def untrained(
    kind: str = "body",
    *,
    channels: tuple[int, int, int] = (4, 8, 8),
    residual_blocks: int = 1,
    seed: int = 0,
) -> StyleNetwork:
    """With random weights, and a style as uneven as trained ones."""
    torch.manual_seed(seed)
    architecture = Architecture(kind, channels, residual_blocks)
    weights = {name: value.numpy() for name, value in Network(architecture).weights().items()}
    return StyleNetwork(architecture, weights, random_style(architecture, seed=seed))


def random_style(architecture: Architecture, *, seed: int) -> Vector:
    style = np.random.default_rng(seed).uniform(-0.5, 0.5, architecture.style_size)
    for norm in architecture.layers.normalizations.values():
        style[norm.scales] += 1
    style[architecture.brushing] = 0  # no network computes it
    return style.astype(np.float32)


def psnr(found: npt.NDArray[Any], expected: npt.NDArray[Any], *, peak: float = 255) -> float:
    error = float(np.mean((found.astype(float) - expected) ** 2))
    return 10 * math.log10(peak**2 / max(error, 1e-9))


def difference(found: npt.NDArray[Any], expected: npt.NDArray[Any]) -> int:
    """The largest, in levels."""
    return int(np.abs(found.astype(int) - expected).max())


def pictures(width: int, height: int, count: int = 3, *, seed: int = 0) -> list[Picture]:
    """Pictures in soft colors that RGB can show, in the layout of their size."""
    rng = np.random.default_rng(seed)
    shape = shape_of((width, height))
    return [rng.integers(110, 146, shape).astype(np.uint8) for _ in range(count)]


def engine_with(
    network: StyleNetwork | nn.Module, *, max_pixels: int | None = None, stride: int = 4
) -> Engine:
    """On a CPU; ``stride`` is a module's."""
    if isinstance(network, StyleNetwork):
        return Engine.load(network, device="cpu", max_pixels=max_pixels)
    return Engine(PyTorchBackend(network, "cpu", max_pixels, stride=stride, style_size=1))


def style_of(network: StyleNetwork | nn.Module) -> Vector:
    return network.style if isinstance(network, StyleNetwork) else ANY_STYLE


def styling(
    network: StyleNetwork | nn.Module,
    given: Iterable[Picture],
    size: tuple[int, int],
    *,
    styles: Sequence[Vector] | None = None,
    max_pixels: int | None = None,
    **how: Any,
) -> Generator[Picture, None, None]:
    """In the network's own style, or in one for each picture."""
    return engine_with(network, max_pixels=max_pixels).style(
        given,
        style_of(network) if styles is None else styles,
        size=size,
        matrix="bt709",
        full_range=False,
        **how,
    )


def style(*given: Any, **how: Any) -> list[Picture]:
    """All pictures of `styling`."""
    return list(styling(*given, **how))
