"""A style's network, with the conversions of colours around it, as graphs for OpenVINO.

They take a picture's bytes and give the painted ones: nothing is handed between libraries, and
chroma is converted at its own size. There are two of them, so that the first layer can be computed
in float32 and the others in bfloat16: where a picture is smooth, what the first layer's filters
find differs so little from place to place that instance normalization would make noise out of
bfloat16's rounding. After it, rounding does no harm.
"""

from functools import singledispatch
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import Output
from openvino import opset15 as op

from style_pipeline.stylization.architecture import (
    Branch,
    Chain,
    Convolution,
    Doubling,
    Layer,
    Normalization,
    StyleNetwork,
    UpsamplingConvolution,
    Weights,
    missing_pixels,
)
from style_pipeline.stylization.color import LUMA_WEIGHTS, Color, shape_of

HEIGHT, WIDTH = 2, 3  # axes
EPSILON: Final = 1e-5
"""Added to variances, as PyTorch does."""
BETWEEN_PIXELS = np.array([[1, 3, 0], [0, 3, 1]]) / 4
"""Weights of three small pixels in the two that the middle one becomes, bilinearly."""
TAPS = np.zeros((2, 3, 5))
"""Which of a row of five taps on a doubled picture see which of three small pixels, for the two
that the middle one becomes."""
for phase, tap in np.ndindex(2, 5):
    TAPS[phase, (phase + tap) // 2, tap] = 1


def painting_graphs(
    network: StyleNetwork, size: tuple[int, int], color: Color, *, between: ov.Type
) -> tuple[ov.Model, ov.Model]:
    """For one size (W, H): from planes, uint8 (1, *`shape_of`), to what the first layer makes of
    them, in the type `between`, and from that to painted planes.
    """
    width, height = size
    planes = op.parameter([1, *shape_of(size)], np.uint8, name="planes")
    # Centred, and extended by its mirror image, as in `network.py` and `Painter`.
    down, right = (missing_pixels(side, network.architecture.stride) for side in (height, width))
    rgb = _to_rgb(planes, size, color)
    centred = op.subtract(op.multiply(rgb, np.float32(2)), np.float32(1))
    if down or right:
        mode = "reflect" if right < width and down < height else "edge"
        centred = op.pad(centred, [0, 0, 0, 0], [0, 0, down, right], mode)
    (name, layer), *others = network.architecture.layers.layers.items()
    seen = op.convert(_painted(layer, centred, _within(network.weights, name)), between)
    first = ov.Model([seen], [planes], "first")

    features = op.parameter(seen.get_output_shape(0), between, name="features")
    painted = op.convert(features, np.float32)
    painted = op.sigmoid(_painted(Chain(dict(others)), painted, network.weights))
    if down or right:
        painted = _cut(_cut(painted, 0, height, HEIGHT), 0, width, WIDTH)
    return first, ov.Model([_from_rgb(painted, size, color)], [features], "others")


def values_in_memory(graph: ov.Model) -> int:
    """Numbers that the largest layer of a graph reads and writes."""
    return max(
        sum(int(np.prod(port.get_shape())) for port in (*node.inputs(), *node.outputs()))
        for node in graph.get_ordered_ops()
    )


def _to_rgb(planes: Output, size: tuple[int, int], color: Color) -> Output:
    """As `planes.to_rgb`: chroma is interpolated and turned into what it adds to grey at once."""
    width, height = size
    kr, kb = LUMA_WEIGHTS[color.matrix]
    kg = 1 - kr - kb
    black, luma_steps, chroma_steps = color.levels
    of_u, of_v = 2 * (1 - kb), 2 * (1 - kr)
    added = np.array([[0, of_v], [-kb / kg * of_u, -kr / kg * of_v], [of_u, 0]]) / chroma_steps
    values = op.convert(planes, np.float32)
    if _subsampled(size):
        luma = op.reshape(_cut(values, 0, height, 1), [1, 1, height, width], False)
        chroma = op.reshape(
            _cut(values, height, height * 3 // 2, 1), [1, 2, height // 2, width // 2], False
        )
        between = np.einsum("ay,bx->abyx", BETWEEN_PIXELS, BETWEEN_PIXELS).reshape(4, 3, 3)
        weight = np.einsum("ci,pyx->cpiyx", added, between).reshape(12, 2, 3, 3)
        centred = _padded(op.subtract(chroma, np.float32(128)), 1, "edge")
        offset = op.depth_to_space(_convolved(centred, weight), "depth_first", 2)
    else:
        luma = _cut(values, 0, 1, 1)
        centred = op.subtract(_cut(values, 1, 3, 1), np.float32(128))
        offset = _convolved(centred, added.reshape(3, 2, 1, 1))
    grey = op.multiply(op.subtract(luma, np.float32(black)), np.float32(1 / luma_steps))
    return op.clamp(op.add(grey, offset), 0.0, 1.0)


def _from_rgb(rgb: Output, size: tuple[int, int], color: Color) -> Output:
    """As `planes.from_rgb`, of values that are within [0, 1]."""
    width, height = size
    kr, kb = LUMA_WEIGHTS[color.matrix]
    black, luma_steps, chroma_steps = color.levels
    luma = np.array([kr, 1 - kr - kb, kb])
    u = (np.array([0, 0, 1]) - luma) / (2 * (1 - kb))
    v = (np.array([1, 0, 0]) - luma) / (2 * (1 - kr))
    small = rgb
    if _subsampled(size):
        small = op.avg_pool(rgb, [2, 2], [0, 0], [0, 0], [2, 2], True)
    grey = _bytes(_mixed(rgb, luma * luma_steps), black)
    chroma = op.concat([_bytes(_mixed(small, axis * chroma_steps), 128) for axis in (u, v)], 1)
    if not _subsampled(size):
        return op.concat([grey, chroma], 1)
    rows = ([1, height, width], [1, height // 2, width])
    return op.concat(
        [op.reshape(*part, False) for part in zip((grey, chroma), rows, strict=True)], 1
    )


def _subsampled(size: tuple[int, int]) -> bool:
    return len(shape_of(size)) == 2


def _mixed(rgb: Output, weights: npt.NDArray[np.float64]) -> Output:
    weighted = op.multiply(rgb, weights.astype(np.float32).reshape(1, 3, 1, 1))
    return op.reduce_sum(weighted, np.array([1], np.int64), True)


def _bytes(values: Output, offset: float) -> Output:
    # Conversion cuts off what is behind the point.
    return op.convert(op.clamp(op.add(values, np.float32(offset + 0.5)), 0.0, 255.0), np.uint8)


def _cut(x: Output, start: int, stop: int, axis: int) -> Output:
    return op.slice(x, [start], [stop], [1], [axis])


def _padded(x: Output, pixels: int, mode: str) -> Output:
    around = [0, 0, pixels, pixels]
    return op.pad(x, around, around, mode)


def _convolved(x: Output, weight: npt.NDArray[np.floating[Any]], stride: int = 1) -> Output:
    strides = [stride, stride]
    return op.convolution(x, weight.astype(np.float32), strides, [0, 0], [0, 0], [1, 1])


def _by_channel(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return values.reshape(1, -1, 1, 1)


def _within(weights: Weights, name: str) -> Weights:
    """Those of the layer of that name, with the names that it gives them."""
    prefix = f"{name}."
    return {
        full.removeprefix(prefix): weight
        for full, weight in weights.items()
        if full.startswith(prefix)
    }


@singledispatch
def _painted(layer: Layer, x: Output, weights: Weights) -> Output:
    """What a layer makes of its input."""
    raise NotImplementedError(f"no graph is known for {type(layer).__name__}")


@_painted.register
def _(layer: Chain, x: Output, weights: Weights) -> Output:
    for name, part in layer.layers.items():
        x = _painted(part, x, _within(weights, name))
    return x


@_painted.register
def _(layer: Branch, x: Output, weights: Weights) -> Output:
    return op.add(x, _painted(Chain(layer.layers), x, weights))


@_painted.register
def _(layer: Convolution, x: Output, weights: Weights) -> Output:
    weight = weights["weight"]
    result = _convolved(_padded(x, layer.kernel // 2, "reflect"), weight, layer.stride)
    return op.add(result, _by_channel(weights["bias"])) if layer.bias else result


@_painted.register
def _(layer: UpsamplingConvolution, x: Output, weights: Weights) -> Output:
    # One of the small picture, see `network.UpsampleConv`.
    weight = np.einsum("oiyx,apy,bqx->oabipq", weights["weight"], TAPS, TAPS)
    summed = _convolved(_padded(x, 1, "reflect"), weight.reshape(-1, layer.inputs, 3, 3))
    result = op.depth_to_space(summed, "depth_first", 2)
    return op.add(result, _by_channel(weights["bias"])) if layer.bias else result


@_painted.register
def _(layer: Normalization, x: Output, weights: Weights) -> Output:
    normal = op.mvn(x, np.array([HEIGHT, WIDTH], np.int64), True, EPSILON, "inside_sqrt")
    scaled = op.multiply(normal, _by_channel(weights["weight"]))
    shifted = op.add(scaled, _by_channel(weights["bias"]))
    return op.relu(shifted) if layer.relu else shifted


@_painted.register
def _(layer: Doubling, x: Output, weights: Weights) -> Output:
    return op.interpolate(
        x,
        np.array([2, 2], np.float32),
        "nearest",
        "scales",
        axes=np.array([HEIGHT, WIDTH], np.int64),
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
