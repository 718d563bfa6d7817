"""Layers as plain data: every backend interprets them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

EPSILON: Final = 1e-5
"""Added to the variances by which instance normalization divides."""
BANDS: Final = (1, 2, 4)
"""Pixels: about how fine the details are of which a style says how strong they are."""

Shapes = dict[str, tuple[int, ...]]


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

    @property
    def padding(self) -> tuple[int, int]:
        """Pixels before and after, in both directions."""
        return (self.kernel - 1) // 2, self.kernel // 2


@dataclass(frozen=True)
class Normalization:
    """Of each picture's channels by themselves; then the style's scale and shift, perhaps a ReLU.

    `first` is where its scales begin in the style's vector; the shifts follow them.
    """

    channels: int
    relu: bool
    first: int = -1

    @property
    def scales(self) -> slice:
        return slice(self.first, self.first + self.channels)

    @property
    def shifts(self) -> slice:
        return slice(self.first + self.channels, self.first + 2 * self.channels)


@dataclass(frozen=True)
class PixelShuffle:
    """Four channels become one of twice the height and width (Shi et al. 2016)."""


@dataclass(frozen=True)
class Doubling:
    """Each pixel becomes four."""


@dataclass(frozen=True)
class Details:
    """Light and dark in each of `BANDS` stronger by the style's number for it; 0 is as it was.

    Bands are those of an à trous wavelet transform (Holschneider et al. 1989): what a blur takes,
    of a pixel and its neighbors at so many pixels with weights of 1, 2 and 1, one after another.
    `first` is where the numbers begin in the style's vector.
    """

    first: int = -1

    @property
    def strengths(self) -> slice:
        return slice(self.first, self.first + len(BANDS))


@dataclass(frozen=True)
class Chain:
    """One layer after the other, by name."""

    layers: Mapping[str, "Layer"]

    def parts(self, prefix: str = "") -> Iterator[tuple[str, "Layer"]]:
        """All that are no chains themselves, with their whole names, in the order in which they
        are computed."""
        for name, layer in self.layers.items():
            if isinstance(layer, Chain):
                yield from layer.parts(f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}", layer

    @property
    def normalizations(self) -> dict[str, Normalization]:
        return {name: part for name, part in self.parts() if isinstance(part, Normalization)}

    @property
    def shapes(self) -> Shapes:
        return {
            f"{name}.{tensor}": shape
            for name, part in self.parts()
            if isinstance(part, Convolution)
            for tensor, shape in part.shapes.items()
        }


class Branch(Chain):
    """What the chain makes of its input is added to it."""


Layer = Convolution | Normalization | PixelShuffle | Doubling | Details | Chain


def placed(layer: Layer, first: int = 0) -> tuple[Layer, int]:
    """The layer with the places of its parts in the style's vector, from `first` on, and the place
    after them."""
    if isinstance(layer, Normalization | Details):
        numbers = 2 * layer.channels if isinstance(layer, Normalization) else len(BANDS)
        return replace(layer, first=first), first + numbers
    if isinstance(layer, Chain):
        parts: dict[str, Layer] = {}
        for name, part in layer.layers.items():
            parts[name], first = placed(part, first)
        return type(layer)(parts), first
    return layer, first


def multiply_adds(layer: Layer, area: float = 1.0) -> tuple[float, float]:
    """Of convolutions and details, a pixel of the picture; and the area of what the layer makes,
    where that of its input is `area`, both over the picture's."""
    if isinstance(layer, Convolution):
        area /= layer.stride**2
        return area * layer.inputs * layer.outputs * layer.kernel**2, area
    if isinstance(layer, PixelShuffle | Doubling):
        return 0.0, 4 * area
    if isinstance(layer, Details):
        return area * 6 * len(BANDS), area
    total = 0.0
    for part in layer.layers.values() if isinstance(layer, Chain) else ():
        cost, area = multiply_adds(part, area)
        total += cost
    return total, area
