"""A network of pytorch/examples' fast_neural_style, of random numbers, as other tools store it."""

import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from torch import Tensor

from style_pipeline.stylization.fast_neural_style import ARCHITECTURE, LAYERS, OUTPUT


def state_dict(seed: int = 0) -> dict[str, Tensor]:
    """What such a network's ``state_dict()`` gives."""
    random = torch.Generator().manual_seed(seed)
    shapes = ARCHITECTURE.layers.shapes
    tensors: dict[str, Tensor] = {}
    for ours, (convolution, normalization) in LAYERS.items():
        shape = shapes[f"{ours}.conv.weight"]
        tensors[f"{convolution}.weight"] = 0.1 * torch.randn(shape, generator=random)
        tensors[f"{convolution}.bias"] = torch.randn(shape[0], generator=random)
        tensors[f"{normalization}.weight"] = 0.5 + torch.rand(shape[0], generator=random)
        tensors[f"{normalization}.bias"] = torch.randn(shape[0], generator=random)
    tensors[f"{OUTPUT}.weight"] = torch.randn(shapes["output.1.weight"], generator=random)
    tensors[f"{OUTPUT}.bias"] = torch.full((3,), 128.0)
    return tensors


def stylized(tensors: dict[str, Tensor], picture: Tensor) -> Tensor:
    """As the network computes it: float RGB (1, 3, H, W) in [0, 1] to the same."""

    def convolved(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = tensors[f"{name}.weight"]
        padded = F.pad(x, (weight.shape[-1] // 2,) * 4, mode="reflect")
        return F.conv2d(padded, weight, tensors[f"{name}.bias"], stride)

    def layer(x: Tensor, ours: str, stride: int = 1) -> Tensor:
        convolution, normalization = LAYERS[ours]
        scale, shift = tensors[f"{normalization}.weight"], tensors[f"{normalization}.bias"]
        return F.instance_norm(convolved(x, convolution, stride), weight=scale, bias=shift)

    x = picture * 255
    for number, stride in enumerate((1, 2, 2)):
        x = layer(x, f"encoder.{number}", stride).relu()
    for block in range(ARCHITECTURE.residual_blocks):
        x = x + layer(layer(x, f"residual.{block}.first").relu(), f"residual.{block}.second")
    for name in ("decoder.1", "decoder.3"):
        x = layer(F.interpolate(x, scale_factor=2.0), name).relu()
    return (convolved(x, OUTPUT) / 255).clamp(0, 1)


def onnx_model(tensors: dict[str, Tensor]) -> onnx.ModelProto:
    """Its layers in the order of computation, with the tensors renamed, as optimizers do, and one
    of them shared by way of an `Identity`."""
    nodes, initializers, last = [], [], "input"

    def stored(tensor: Tensor) -> str:
        initializers.append(numpy_helper.from_array(tensor.numpy(), f"t{len(initializers)}"))
        return f"t{len(initializers) - 1}"

    def add(kind: str, *parts: str) -> None:
        nonlocal last
        nodes.append(helper.make_node(kind, [last, *parts], [f"x{len(nodes)}"]))
        last = f"x{len(nodes) - 1}"

    for convolution, normalization in LAYERS.values():
        add("Conv", *(stored(tensors[f"{convolution}.{part}"]) for part in ("weight", "bias")))
        scale, shift = (stored(tensors[f"{normalization}.{part}"]) for part in ("weight", "bias"))
        nodes.append(helper.make_node("Identity", [scale], [f"{scale}_again"]))
        add("InstanceNormalization", f"{scale}_again", shift)
    weight = numpy_helper.from_array(tensors[f"{OUTPUT}.weight"].numpy())
    nodes.append(helper.make_node("Constant", [], ["weight"], value=weight))
    add("Conv", "weight", stored(tensors[f"{OUTPUT}.bias"]))
    ends = [
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)]
        for name in ("input", last)
    ]
    return helper.make_model(helper.make_graph(nodes, "net", *ends, initializers))
