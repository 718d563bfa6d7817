"""The networks as plain data: what a model file has to hold, and what graphs are built from.

`network.py` has the same as PyTorch's modules, to train and to paint on GPUs and in tiles. A chunk
on a CPU does without PyTorch, whose import takes two seconds and half a gigabyte.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

MIN_SIDE: Final = 16
"""Pixels: networks mirror the picture at its borders and need something to mirror."""

Shapes = dict[str, tuple[int, ...]]
Weights = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """Of a picture that is mirrored at its borders, so that a stride of 1 keeps its size."""

    inputs: int
    outputs: int
    kernel: int
    stride: int = 1
    bias: bool = False

    @property
    def shapes(self) -> Shapes:
        weight = {"weight": (self.outputs, self.inputs, self.kernel, self.kernel)}
        return weight | ({"bias": (self.outputs,)} if self.bias else {})


class UpsamplingConvolution(Convolution):
    """Of a picture that is doubled, as `network.UpsampleConv`."""


@dataclass(frozen=True)
class Normalization:
    """Of each picture's channels by themselves, then scale and shift, then perhaps a ReLU."""

    channels: int
    relu: bool

    @property
    def shapes(self) -> Shapes:
        return {"weight": (self.channels,), "bias": (self.channels,)}


@dataclass(frozen=True)
class Doubling:
    """Each pixel becomes four."""

    @property
    def shapes(self) -> Shapes:
        return {}


@dataclass(frozen=True)
class Chain:
    """One layer after the other, by name."""

    layers: Mapping[str, "Layer"]

    @property
    def shapes(self) -> Shapes:
        return {
            f"{name}.{tensor}": shape
            for name, layer in self.layers.items()
            for tensor, shape in layer.shapes.items()
        }


class Branch(Chain):
    """What the chain makes of its input is added to it."""


Layer = Convolution | Normalization | Doubling | Chain


def _conv_layer(
    inputs: int, outputs: int, *, kernel: int, stride: int = 1, relu: bool = True
) -> Chain:
    conv = Convolution(inputs=inputs, outputs=outputs, kernel=kernel, stride=stride)
    return Chain({"conv": conv, "norm": Normalization(outputs, relu)})


def _upsample_layer(inputs: int, outputs: int) -> Chain:
    conv = UpsamplingConvolution(inputs=inputs, outputs=outputs, kernel=5)
    return Chain({"conv": conv, "norm": Normalization(outputs, relu=True)})


def _residual_block(channels: int) -> Branch:
    first, second = (_conv_layer(channels, channels, kernel=3, relu=relu) for relu in (True, False))
    return Branch({"first": first, "second": second})


def _numbered(prefix: str, *layers: Layer) -> Iterator[tuple[str, Layer]]:
    return ((f"{prefix}{number}", layer) for number, layer in enumerate(layers))


Channels = tuple[int, int, int]


def _slim(channels: Channels, blocks: int) -> Iterator[tuple[str, Layer]]:
    half, quarter, eighth = channels
    yield from _numbered(
        "encoder.",
        _conv_layer(3, half, kernel=5, stride=2),
        _conv_layer(half, quarter, kernel=3, stride=2),
    )
    coarse = _numbered(
        "",
        _conv_layer(quarter, eighth, kernel=3, stride=2),
        *(_residual_block(eighth) for _ in range(blocks)),
        _upsample_layer(eighth, quarter),
    )
    yield "coarse", Branch(dict(coarse))
    yield from _numbered("fine.", *(_residual_block(quarter) for _ in range(blocks)))
    last = UpsamplingConvolution(inputs=half, outputs=3, kernel=5, bias=True)
    yield from _numbered("decoder.", _upsample_layer(quarter, half), last)


def _transformer(channels: Channels, blocks: int) -> Iterator[tuple[str, Layer]]:
    full, half, quarter = channels
    yield from _numbered(
        "encoder.",
        _conv_layer(3, full, kernel=9),
        _conv_layer(full, half, kernel=3, stride=2),
        _conv_layer(half, quarter, kernel=3, stride=2),
    )
    yield from _numbered("residual.", *(_residual_block(quarter) for _ in range(blocks)))
    yield from _numbered(
        "decoder.",
        *(Doubling(), _conv_layer(quarter, half, kernel=3)),
        *(Doubling(), _conv_layer(half, full, kernel=3)),
    )
    yield "output.1", Convolution(inputs=full, outputs=3, kernel=9, bias=True)


@dataclass(frozen=True)
class _Kind:
    stride: int
    layers: Callable[[Channels, int], Iterator[tuple[str, Layer]]]


KINDS: Final = {"slim": _Kind(8, _slim), "transformer": _Kind(4, _transformer)}
"""By the name that a recipe and a model file give them."""


@dataclass(frozen=True)
class Architecture:
    """A network without its weights.

    Raises `ValueError` for one that is not known, or whose size cannot be meant.
    """

    name: str
    channels: Channels
    residual_blocks: int

    def __post_init__(self) -> None:
        if self.name not in KINDS:
            raise ValueError(f"unknown architecture {self.name!r}, expected {', '.join(KINDS)}")
        channels, blocks = self.channels, self.residual_blocks
        sane = (
            isinstance(channels, tuple)
            and len(channels) == 3
            and all(isinstance(c, int) and 1 <= c <= 1024 for c in channels)
            and isinstance(blocks, int)
            and 0 <= blocks <= 64
        )
        if not sane:
            raise ValueError(f"impossible architecture: {channels = }, {blocks = }")

    @property
    def stride(self) -> int:
        """Both sides of a picture must be multiples of it."""
        return KINDS[self.name].stride

    @property
    def layers(self) -> Chain:
        """All of them, in the order in which they are computed."""
        return Chain(dict(KINDS[self.name].layers(self.channels, self.residual_blocks)))


@dataclass(frozen=True, eq=False)
class StyleNetwork:
    """A network with its weights, which have the names that PyTorch gives them."""

    architecture: Architecture
    weights: Weights


def missing_pixels(side: int, stride: int) -> int:
    """Of a side's length to the next that a network can take."""
    return -(-max(side, MIN_SIDE) // stride) * stride - side
