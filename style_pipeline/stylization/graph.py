"""A painting network, with the conversions of colours around it, as graphs for OpenVINO.

They take a picture's bytes and give the painted ones: nothing is handed between libraries, and
chroma is converted at its own size. There are two of them, so that the first layer can be computed
in float32 and the others in bfloat16: where a picture is smooth, what the first layer's filters
find differs so little from place to place that instance normalization would make noise out of
bfloat16's rounding. After it, rounding does no harm.
"""

from functools import singledispatch

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import Output
from openvino import opset15 as op
from torch import Tensor, nn

from style_pipeline.stylization.color import LUMA_WEIGHTS, Color
from style_pipeline.stylization.network import (
    PaintingNetwork,
    ResidualBlock,
    SlimNet,
    TransformerNet,
)

HEIGHT, WIDTH = 2, 3  # axes
BETWEEN_PIXELS = np.array([[1, 3, 0], [0, 3, 1]]) / 4
"""Weights of three small pixels in the two that the middle one becomes, bilinearly."""


def painting_graphs(
    network: PaintingNetwork, size: tuple[int, int], color: Color, *, between: ov.Type
) -> tuple[ov.Model, ov.Model]:
    """For one size (W, H), even in both: from planes, uint8 (1, 3H/2, W), to what the first layer
    makes of them, in the type `between`, and from that to painted planes.

    Raises `NotImplementedError` for a network with a layer that is not known here.
    """
    if not isinstance(network, SlimNet | TransformerNet):
        raise NotImplementedError(f"no graph is known for {type(network).__name__}")
    width, height = size
    planes = op.parameter([1, height * 3 // 2, width], np.uint8, name="planes")
    # Extended by its mirror image, as in `Painter`, and centred, as in `PaintingNetwork.forward`.
    missing = [0, 0, -height % network.stride, -width % network.stride]
    rgb = _to_rgb(planes, size, color)
    centred = op.subtract(op.multiply(rgb, np.float32(2)), np.float32(1))
    if any(missing):
        centred = op.pad(centred, [0, 0, 0, 0], missing, "reflect")
    seen = op.convert(_painted(network.encoder[0], centred), between)
    first = ov.Model([seen], [planes], "first")

    features = op.parameter(seen.get_output_shape(0), between, name="features")
    painted = op.sigmoid(_painted(network, op.convert(features, np.float32)))
    if any(missing):
        painted = _cut(_cut(painted, 0, height, HEIGHT), 0, width, WIDTH)
    return first, ov.Model([_from_rgb(painted, size, color)], [features], "others")


def _to_rgb(planes: Output, size: tuple[int, int], color: Color) -> Output:
    """As `Color.to_rgb`: chroma is interpolated and turned into what it adds to grey at once."""
    width, height = size
    kr, kb = LUMA_WEIGHTS[color.matrix]
    kg = 1 - kr - kb
    black, luma_steps, chroma_steps = color.levels
    values = op.convert(planes, np.float32)
    luma = op.reshape(_cut(values, 0, height, 1), [1, 1, height, width], False)
    chroma = op.reshape(
        _cut(values, height, height * 3 // 2, 1), [1, 2, height // 2, width // 2], False
    )
    of_u, of_v = 2 * (1 - kb), 2 * (1 - kr)
    added = np.array([[0, of_v], [-kb / kg * of_u, -kr / kg * of_v], [of_u, 0]]) / chroma_steps
    between = np.einsum("ay,bx->abyx", BETWEEN_PIXELS, BETWEEN_PIXELS).reshape(4, 3, 3)
    weight = np.einsum("ci,pyx->cpiyx", added, between).reshape(12, 2, 3, 3)
    centred = op.subtract(chroma, np.float32(128))
    offset = op.depth_to_space(_convolved(_padded(centred, 1, "edge"), weight), "depth_first", 2)
    grey = op.multiply(op.subtract(luma, np.float32(black)), np.float32(1 / luma_steps))
    return op.clamp(op.add(grey, offset), 0.0, 1.0)


def _from_rgb(rgb: Output, size: tuple[int, int], color: Color) -> Output:
    """As `Color.from_rgb`, of values that are within [0, 1]."""
    width, height = size
    kr, kb = LUMA_WEIGHTS[color.matrix]
    black, luma_steps, chroma_steps = color.levels
    luma = np.array([kr, 1 - kr - kb, kb])
    u = (np.array([0, 0, 1]) - luma) / (2 * (1 - kb))
    v = (np.array([1, 0, 0]) - luma) / (2 * (1 - kr))
    small = op.avg_pool(rgb, [2, 2], [0, 0], [0, 0], [2, 2], True)
    chroma = op.concat([_bytes(_mixed(small, axis * chroma_steps), 128) for axis in (u, v)], 1)
    parts = [
        op.reshape(_bytes(_mixed(rgb, luma * luma_steps), black), [1, height, width], False),
        op.reshape(chroma, [1, height // 2, width], False),
    ]
    return op.concat(parts, 1)


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


def _convolved(x: Output, weight: npt.NDArray[np.float64], stride: int = 1) -> Output:
    strides = [stride, stride]
    return op.convolution(x, weight.astype(np.float32), strides, [0, 0], [0, 0], [1, 1])


def _by_channel(values: Tensor) -> npt.NDArray[np.float32]:
    array: npt.NDArray[np.float32] = values.detach().float().cpu().numpy().reshape(1, -1, 1, 1)
    return array


@singledispatch
def _painted(layer: nn.Module, x: Output) -> Output:
    """What a layer makes of its input; a network, of what its first layer made."""
    raise NotImplementedError(f"no graph is known for {type(layer).__name__}")


@_painted.register
def _(layer: nn.Sequential, x: Output) -> Output:
    for part in layer:
        x = _painted(part, x)
    return x


@_painted.register
def _(layer: nn.ReflectionPad2d, x: Output) -> Output:
    return _padded(x, layer.padding[0], "reflect")


@_painted.register
def _(layer: nn.Conv2d, x: Output) -> Output:
    weight = layer.weight.detach().float().cpu().numpy()
    result = _convolved(x, weight, layer.stride[0])
    return result if layer.bias is None else op.add(result, _by_channel(layer.bias))


@_painted.register
def _(layer: nn.InstanceNorm2d, x: Output) -> Output:
    normal = op.mvn(x, np.array([HEIGHT, WIDTH], np.int64), True, layer.eps, "inside_sqrt")
    return op.add(op.multiply(normal, _by_channel(layer.weight)), _by_channel(layer.bias))


@_painted.register
def _(layer: nn.ReLU, x: Output) -> Output:
    return op.relu(x)


@_painted.register
def _(layer: nn.PixelShuffle, x: Output) -> Output:
    return op.depth_to_space(x, "depth_first", layer.upscale_factor)


@_painted.register
def _(layer: nn.Upsample, x: Output) -> Output:
    scales = np.array([layer.scale_factor] * 2, np.float32)
    return op.interpolate(
        x,
        scales,
        "nearest",
        "scales",
        axes=np.array([HEIGHT, WIDTH], np.int64),
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


@_painted.register
def _(layer: ResidualBlock, x: Output) -> Output:
    return op.add(x, _painted(layer.second, _painted(layer.first, x)))


@_painted.register
def _(layer: SlimNet, x: Output) -> Output:
    seen = _painted(layer.encoder[1:], x)
    both = op.add(seen, _painted(layer.coarse, seen))
    return _painted(layer.decoder, _painted(layer.fine, both))


@_painted.register
def _(layer: TransformerNet, x: Output) -> Output:
    for part in (layer.encoder[1:], layer.residual, layer.decoder, layer.output):
        x = _painted(part, x)
    return x
