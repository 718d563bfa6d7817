"""Networks that people have already: those of pytorch/examples' fast_neural_style."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from pipeline_kit.errors import UnusableInput
from style_pipeline.stylization.architecture import Architecture, StyleNetwork

Tensor = npt.NDArray[Any]
Reader = Callable[[Path], dict[str, Tensor]]
ARCHITECTURE: Final = Architecture("examples", (32, 64, 128), 5)
LAYERS: Final = {
    **{f"encoder.{n}": (f"conv{n + 1}.conv2d", f"in{n + 1}") for n in range(3)},
    **{
        f"residual.{block}.{ours}": (f"res{block + 1}.conv{n}.conv2d", f"res{block + 1}.in{n}")
        for block in range(ARCHITECTURE.residual_blocks)
        for n, ours in ((1, "first"), (2, "second"))
    },
    "decoder.1": ("deconv1.conv2d", "in4"),
    "decoder.3": ("deconv2.conv2d", "in5"),
}
"""What the convolution and the normalization of a layer are called there, in the order of
computation."""
OUTPUT: Final = "deconv3.conv2d"
_NOT_USED: Final = re.compile(r"in\d\.(running_(mean|var)|num_batches_tracked)$")
"""Statistics that PyTorch stored before 0.4 and that instance normalization has no use for."""


class NotSuchANetwork(UnusableInput):
    """The file holds no network of fast_neural_style; the message says what it holds."""


def read_network(path: Path) -> StyleNetwork:
    """A state dict, as PyTorch or safetensors stores it, or an ONNX export of the network.

    Of a pickle, tensors alone are read. Raises `NotSuchANetwork`.
    """
    readers: dict[str, Reader] = {".safetensors": load_file, ".onnx": _onnx}
    try:
        tensors = readers.get(path.suffix.lower(), _state_dict)(path)
    except Exception as error:  # each of the three libraries raises what it likes
        cause = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise NotSuchANetwork(f"{path.name} cannot be read: {cause[:200]}") from error
    try:
        return as_network(tensors)
    except NotSuchANetwork as error:
        raise NotSuchANetwork(
            f"{path.name} is no network of pytorch/examples' fast_neural_style: {error}"
        ) from None


def as_network(tensors: Mapping[str, Tensor]) -> StyleNetwork:
    """Tensors by the names that they have there, as a body and a style.

    Raises:
        NotSuchANetwork: one is missing, of another shape or not finite, or there are others.
    """
    rest = {
        name.removeprefix("module."): tensor
        for name, tensor in tensors.items()
        if not _NOT_USED.search(name)
    }

    def taken(name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        if (found := rest.pop(name, None)) is None:
            raise NotSuchANetwork(f"it has no {name}")
        if found.shape != shape or not np.isfinite(found).all():
            raise NotSuchANetwork(f"{name} is {found.shape}, {shape} of finite numbers are needed")
        return found.astype(np.float32)

    shapes = ARCHITECTURE.layers.shapes
    weights, style = {}, []
    for ours, (convolution, normalization) in LAYERS.items():
        shape = shapes[f"{ours}.conv.weight"]
        weights[f"{ours}.conv.weight"] = taken(f"{convolution}.weight", shape)
        rest.pop(f"{convolution}.bias", None)  # a constant, which normalization takes away
        style += [taken(f"{normalization}.{part}", shape[:1]) for part in ("weight", "bias")]
    # It sees and gives values up to 255, where ours see [-1, 1] and give [0, 1].
    weights["encoder.0.conv.weight"] *= 127.5
    for part in ("weight", "bias"):
        weights[f"output.1.{part}"] = taken(
            f"{OUTPUT}.{part}", shapes[f"output.1.{part}"]
        ) / np.float32(255)
    if rest:
        raise NotSuchANetwork(f"it has {', '.join(sorted(rest)[:3])}, too")
    return StyleNetwork(ARCHITECTURE, weights, np.concatenate(style))


def _state_dict(path: Path) -> dict[str, Tensor]:
    import torch

    found = torch.load(path, map_location="cpu", weights_only=True)
    found = found.get("state_dict", found) if isinstance(found, dict) else found
    if not isinstance(found, dict) or not all(map(torch.is_tensor, found.values())):
        raise ValueError("it is no state dict: save the network's state_dict()")
    return {name: tensor.float().numpy() for name, tensor in found.items()}


def _onnx(path: Path) -> dict[str, Tensor]:
    """By the order of computation, as exporters and optimizers rename tensors."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path, load_external_data=False).graph
    values = {tensor.name: tensor for tensor in graph.initializer}
    found: dict[str, list[list[Tensor]]] = {"Conv": [], "InstanceNormalization": []}
    for node in graph.node:
        if node.op_type == "Constant":
            values[node.output[0]] = node.attribute[0].t
        elif node.op_type == "Identity" and node.input[0] in values:
            values[node.output[0]] = values[node.input[0]]
        elif node.op_type in found:
            tensors = [numpy_helper.to_array(values[name]) for name in node.input[1:]]
            found[node.op_type].append(tensors)
    convolutions, normalizations = zip(*LAYERS.values(), strict=True)
    named = zip(
        (*convolutions, OUTPUT, *normalizations),
        (*found["Conv"], *found["InstanceNormalization"]),
        strict=True,
    )
    return {
        f"{name}.{part}": tensor
        for name, tensors in named
        for part, tensor in zip(("weight", "bias"), tensors, strict=False)
    }
