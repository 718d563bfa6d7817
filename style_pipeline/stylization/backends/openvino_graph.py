"""A body, with the conversions of colors around it, as graphs for OpenVINO.

They take a picture's bytes and a style, and give the stylized ones: nothing is handed between
libraries, and chroma is converted at its own size. There are two of them, so that the first layer
can be computed in float32 and the others in bfloat16: where a picture is smooth, what the first
layer's filters find differs so little from place to place that instance normalization would make
noise out of bfloat16's rounding. After it, rounding does no harm.
"""

from functools import singledispatch
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import Output
from openvino import opset15 as op

from style_pipeline.stylization.architecture import (
    FLAT,
    Architecture,
    Weights,
    missing_pixels,
)
from style_pipeline.stylization.color import LUMA_WEIGHTS, Color, shape_of
from style_pipeline.stylization.layers import (
    BANDS,
    EPSILON,
    Branch,
    Chain,
    Convolution,
    Details,
    Doubling,
    Layer,
    Normalization,
    PixelShuffle,
)

HEIGHT, WIDTH = 2, 3  # axes
BETWEEN_PIXELS = np.array([[1, 3, 0], [0, 3, 1]]) / 4
"""Weights of three small pixels in the two that the middle one becomes, bilinearly."""


def stylizing_graphs(
    architecture: Architecture,
    weights: Weights,
    size: tuple[int, int],
    color: Color,
    *,
    between: ov.Type,
) -> tuple[ov.Model, ov.Model]:
    """For one size (W, H): from planes, uint8 (1, *`shape_of`), and a style, float32 (1, numbers),
    to what the first layer makes of them, in the type `between`, and the picture's variance; and
    from both and the style to styled planes.
    """
    width, height = size
    planes = op.parameter([1, *shape_of(size)], np.uint8, name="planes")
    # Centered, and extended by its mirror image, as in `network.py` and `PyTorchBackend`.
    down, right = (missing_pixels(side, architecture.stride) for side in (height, width))
    centered = op.subtract(op.multiply(_to_rgb(planes, size, color), np.float32(2)), np.float32(1))
    if down or right:
        mode = "reflect" if right < width and down < height else "edge"
        centered = op.pad(centered, [0, 0, 0, 0], [0, 0, down, right], mode)
    (name, layer), *others = architecture.layers.layers.items()
    style = _style(architecture)
    seen = op.convert(_applied(layer, centered, style, _within(weights, name)), between)
    first = ov.Model([seen, _contrast(centered)], [planes, style], "first")

    features = op.parameter(seen.get_output_shape(0), between, name="features")
    contrast, style = op.parameter([1, 1, 1, 1], np.float32, name="contrast"), _style(architecture)
    made = _applied(Chain(dict(others)), op.convert(features, np.float32), style, weights)
    if architecture.quiet:
        shifts = _by_channel(style, architecture.last_shifts)
        made = op.add(shifts, op.multiply(contrast, op.subtract(made, shifts)))
    rgb = op.clamp(made, 0.0, 1.0) if architecture.clamped else op.sigmoid(made)
    if down or right:
        rgb = _cut(_cut(rgb, 0, height, HEIGHT), 0, width, WIDTH)
    return first, ov.Model([_from_rgb(rgb, size, color)], [features, contrast, style], "others")


def _style(architecture: Architecture) -> Output:
    return op.parameter([1, architecture.style_size], np.float32, name="style")


def _contrast(centered: Output) -> Output:
    """How far a picture is from being of one color, in [0, 1]; see `FLAT`."""
    axes = np.array([HEIGHT, WIDTH], np.int64)
    difference = op.subtract(centered, op.reduce_mean(centered, axes, True))
    squares = op.multiply(difference, difference)
    variance = op.reduce_mean(squares, np.array([1, HEIGHT, WIDTH], np.int64), True)
    return op.divide(variance, op.add(variance, np.float32((2 * FLAT) ** 2)))


def values_in_memory(graph: ov.Model) -> int:
    """Numbers that the largest layer of a graph reads and writes."""
    return max(
        sum(int(np.prod(port.get_shape())) for port in (*node.inputs(), *node.outputs()))
        for node in graph.get_ordered_ops()
    )


def _to_rgb(planes: Output, size: tuple[int, int], color: Color) -> Output:
    """As `planes.to_rgb`: chroma is interpolated and turned into what it adds to gray at once."""
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
        around = [0, 0, 1, 1]
        centered = op.pad(op.subtract(chroma, np.float32(128)), around, around, "edge")
        offset = op.depth_to_space(_convolved(centered, weight), "depth_first", 2)
    else:
        luma = _cut(values, 0, 1, 1)
        centered = op.subtract(_cut(values, 1, 3, 1), np.float32(128))
        offset = _convolved(centered, added.reshape(3, 2, 1, 1))
    gray = op.multiply(op.subtract(luma, np.float32(black)), np.float32(1 / luma_steps))
    return op.clamp(op.add(gray, offset), 0.0, 1.0)


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
    gray = _bytes(_mixed(rgb, luma * luma_steps), black)
    chroma = op.concat([_bytes(_mixed(small, axis * chroma_steps), 128) for axis in (u, v)], 1)
    if not _subsampled(size):
        return op.concat([gray, chroma], 1)
    rows = ([1, height, width], [1, height // 2, width])
    return op.concat(
        [op.reshape(*part, False) for part in zip((gray, chroma), rows, strict=True)], 1
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


def _convolved(
    x: Output, weight: npt.NDArray[np.floating[Any]], stride: int = 1, dilation: int = 1
) -> Output:
    strides, dilations = [stride, stride], [dilation, dilation]
    return op.convolution(x, weight.astype(np.float32), strides, [0, 0], [0, 0], dilations)


def _by_channel(style: Output, place: slice) -> Output:
    return op.reshape(_cut(style, place.start, place.stop, 1), [1, -1, 1, 1], False)


def _within(weights: Weights, name: str) -> Weights:
    """Those of the layer of that name, with the names that it gives them."""
    prefix = f"{name}."
    return {
        full.removeprefix(prefix): weight
        for full, weight in weights.items()
        if full.startswith(prefix)
    }


@singledispatch
def _applied(layer: Layer, x: Output, style: Output, weights: Weights) -> Output:
    """What a layer makes of its input."""
    raise NotImplementedError(f"no graph is known for {type(layer).__name__}")


@_applied.register
def _(layer: Chain, x: Output, style: Output, weights: Weights) -> Output:
    made = x
    for name, part in layer.layers.items():
        made = _applied(part, made, style, _within(weights, name))
    return op.add(x, made) if isinstance(layer, Branch) else made


@_applied.register
def _(layer: Convolution, x: Output, style: Output, weights: Weights) -> Output:
    before, after = ([0, 0, pixels, pixels] for pixels in layer.padding)
    made = _convolved(op.pad(x, before, after, "reflect"), weights["weight"], layer.stride)
    return op.add(made, weights["bias"].reshape(1, -1, 1, 1)) if layer.bias else made


@_applied.register
def _(layer: Normalization, x: Output, style: Output, weights: Weights) -> Output:
    normal = op.mvn(x, np.array([HEIGHT, WIDTH], np.int64), True, EPSILON, "inside_sqrt")
    scaled = op.multiply(normal, _by_channel(style, layer.scales))
    shifted = op.add(scaled, _by_channel(style, layer.shifts))
    return op.relu(shifted) if layer.relu else shifted


@_applied.register
def _(layer: PixelShuffle, x: Output, style: Output, weights: Weights) -> Output:
    return op.depth_to_space(x, "depth_first", 2)


@_applied.register
def _(layer: Doubling, x: Output, style: Output, weights: Weights) -> Output:
    return op.interpolate(
        x,
        np.array([2, 2], np.float32),
        "nearest",
        "scales",
        axes=np.array([HEIGHT, WIDTH], np.int64),
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


@_applied.register
def _(layer: Details, x: Output, style: Output, weights: Weights) -> Output:
    made, light = x, op.reduce_mean(x, np.array([1], np.int64), True)
    weight = np.array([1, 2, 1]) / 4
    for number, step in enumerate(BANDS):
        blurred = light
        for pixels, shape in (([0, 0, step, 0], (1, 1, 3, 1)), ([0, 0, 0, step], (1, 1, 1, 3))):
            padded = op.pad(blurred, pixels, pixels, "reflect")
            blurred = _convolved(padded, weight.reshape(shape), dilation=step)
        place = layer.first + number
        strength = _by_channel(style, slice(place, place + 1))
        made = op.add(made, op.multiply(strength, op.subtract(light, blurred)))
        light = blurred
    return made
