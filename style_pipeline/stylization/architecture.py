"""Networks as plain data: what a model file has to hold.

A network is a body, its convolutions, and a style: one vector with the scale and the shift of each
channel of each instance normalization (conditional instance normalization, Dumoulin et al. 2017,
"A Learned Representation For Artistic Style"), how strong its details are, and how far what it
makes is brushed. The same body stylizes in any style, and mixtures of vectors are mixtures of
styles.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from style_pipeline.stylization.layers import (
    Branch,
    Chain,
    Convolution,
    Details,
    Doubling,
    Layer,
    Normalization,
    PixelShuffle,
    multiply_adds,
    placed,
)

MIN_SIDE: Final = 16
"""Pixels: networks mirror the picture at its borders and need something to mirror."""
FLAT: Final = 3 / 255
"""Standard deviation of a picture's values, in [0, 1], at which quiet networks halve contrast."""

Weights = Mapping[str, npt.NDArray[np.float32]]
Vector = npt.NDArray[np.float32]
"""A style: (numbers,)."""
Channels = tuple[int, int, int]
Named = Iterator[tuple[str, Layer]]


def _conv_layer(
    inputs: int, outputs: int, *, kernel: int, stride: int = 1, relu: bool = True
) -> Chain:
    conv = Convolution(inputs=inputs, outputs=outputs, kernel=kernel, stride=stride)
    return Chain({"conv": conv, "norm": Normalization(outputs, relu)})


def _upsample_layer(inputs: int, outputs: int, *, relu: bool = True) -> Chain:
    """A convolution at the small size, which costs a quarter of one at the large size."""
    conv = Convolution(inputs=inputs, outputs=4 * outputs, kernel=3)
    return Chain({"conv": conv, "shuffle": PixelShuffle(), "norm": Normalization(outputs, relu)})


def _residual_block(channels: int) -> Branch:
    first, second = (_conv_layer(channels, channels, kernel=3, relu=relu) for relu in (True, False))
    return Branch({"first": first, "second": second})


def _numbered(prefix: str, *layers: Layer) -> Named:
    return ((f"{prefix}{number}", layer) for number, layer in enumerate(layers))


def _body(channels: Channels, blocks: int) -> Named:
    """Nothing is computed at full resolution, and nothing passes a change of resolution that
    is too fine for the smaller one, see `training.resampling`."""
    half, quarter, up = channels
    yield from _numbered(
        "down.",
        _conv_layer(3, half, kernel=5, stride=2),
        _conv_layer(half, quarter, kernel=4, stride=2),
    )
    yield from _numbered("residual.", *(_residual_block(quarter) for _ in range(blocks)))
    yield from _numbered("up.", _upsample_layer(quarter, up), _upsample_layer(up, 3, relu=False))
    yield "details", Details()


def _slim(channels: Channels, blocks: int) -> Named:
    """What was trained for one style each until version 0.1."""
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
    yield "decoder.0", _upsample_layer(quarter, half)
    yield "decoder.1", Convolution(inputs=half, outputs=12, kernel=3, bias=True)
    yield "shuffle", PixelShuffle()


def _transformer(channels: Channels, blocks: int) -> Named:
    """Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer", with instance
    normalization (Ulyanov et al. 2016) and nearest-neighbor upsampling (Odena et al. 2016)."""
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


def _multistyle(channels: Channels, blocks: int) -> Named:
    """Dumoulin et al. 2017, as TensorFlow's demo of 26 styles has it; a teacher of bodies."""
    wide, half, full = channels
    yield from _numbered(
        "down.",
        _conv_layer(3, wide, kernel=9),
        _conv_layer(wide, wide, kernel=3, stride=2),
        _conv_layer(wide, wide, kernel=3, stride=2),
    )
    yield from _numbered("residual.", *(_residual_block(wide) for _ in range(blocks)))
    yield from _numbered(
        "up.",
        *(Doubling(), _conv_layer(wide, half, kernel=3)),
        *(Doubling(), _conv_layer(half, full, kernel=3)),
        _conv_layer(full, 3, kernel=9, relu=False),
    )


@dataclass(frozen=True, kw_only=True)
class _Kind:
    stride: int
    layers: Callable[[Channels, int], Named]
    clamped: bool = False
    brushed: bool = False


KINDS: Final = {
    "body": _Kind(stride=4, layers=_body, brushed=True),
    "slim": _Kind(stride=8, layers=_slim),
    "transformer": _Kind(stride=4, layers=_transformer),
    "multistyle": _Kind(stride=4, layers=_multistyle),
    "examples": _Kind(stride=4, layers=_transformer, clamped=True),
}
"""By the name that a model file gives them; `examples` are those of pytorch/examples."""


@dataclass(frozen=True)
class Architecture:
    """A network without its numbers.

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
    def clamped(self) -> bool:
        """Whether what the last layer gives is cut off at 0 and 1, and no sigmoid's argument."""
        return KINDS[self.name].clamped

    @property
    def quiet(self) -> bool:
        """Whether a picture of nearly one color is kept from being amplified, see `FLAT`."""
        return self.name == "body"

    @property
    def layers(self) -> Chain:
        """All of them, in the order in which they are computed."""
        return self._placed[0]

    @cached_property
    def _placed(self) -> tuple[Chain, int]:
        """All layers, and how many numbers of a style they need."""
        chain = Chain(dict(KINDS[self.name].layers(self.channels, self.residual_blocks)))
        layers, numbers = placed(chain)
        assert isinstance(layers, Chain)
        return layers, numbers

    @property
    def details(self) -> slice | None:
        """Where a style says how strong details are, if the network has them so."""
        last = [*self.layers.layers.values()][-1]
        return last.strengths if isinstance(last, Details) else None

    @property
    def last_scales(self) -> slice:
        """Where a style has those of the last normalization: how far colors are from their mean."""
        *_, last = self.layers.normalizations.values()
        return last.scales

    @property
    def last_shifts(self) -> slice:
        """Where a style has those of the last normalization: of a quiet network, the color that a
        picture of one color becomes."""
        *_, last = self.layers.normalizations.values()
        return last.shifts

    @property
    def brushing(self) -> slice:
        """Where a style says how far what the network makes is smoothed along strokes, see
        `stylization.brushing`; empty of networks whose styles do not."""
        return slice(self._placed[1], self.style_size)

    def brushing_of(self, style: Vector) -> float:
        """How far what is made in a style, (numbers,), is brushed: from 0 to 1."""
        return float(style[self.brushing].clip(0, 1).sum())

    @property
    def style_size(self) -> int:
        """Numbers in a style's vector."""
        return self._placed[1] + KINDS[self.name].brushed

    @property
    def multiply_adds(self) -> float:
        """Of convolutions and details, a pixel of the picture."""
        return multiply_adds(self.layers)[0]


@dataclass(frozen=True, eq=False)
class StyleNetwork:
    """A body with its weights, float32, and a style."""

    architecture: Architecture
    weights: Weights
    style: Vector


def mixed(styles: Mapping[str, Vector], shares: Mapping[str, float]) -> Vector:
    """The mixture of styles of one body; one that has all of it is given back bit for bit."""
    parts = [styles[name] * np.float32(share) for name, share in shares.items() if share]
    vector: Vector = np.sum(parts, axis=0, dtype=np.float32)
    return vector


def missing_pixels(side: int, stride: int) -> int:
    """Of a side's length to the next that a network can take."""
    return -(-max(side, MIN_SIDE) // stride) * stride - side
