"""Networks that people have already: state dicts of pytorch/examples' fast_neural_style."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from style_pipeline.stylization.architecture import Architecture, StyleNetwork, normalizations

Tensor = npt.NDArray[Any]
ARCHITECTURE: Final = Architecture("examples", (32, 64, 128), 5)
LAYERS: Final = {
    **{f"encoder.{n}": (f"conv{n + 1}.conv2d", f"in{n + 1}") for n in range(3)},
    **{
        f"residual.{n}.{part}": (f"res{n + 1}.conv{m}.conv2d", f"res{n + 1}.in{m}")
        for n in range(5)
        for m, part in ((1, "first"), (2, "second"))
    },
    "decoder.1": ("deconv1.conv2d", "in4"),
    "decoder.3": ("deconv2.conv2d", "in5"),
}
"""By our name, their names of a convolution and of the normalization after it, in the order in
which they are computed."""
LAST: Final = "deconv3.conv2d"


class NoSuchNetwork(ValueError):
    """Tensors are not those of a network of fast_neural_style."""


def from_state_dict(tensors: Mapping[str, Tensor]) -> StyleNetwork:
    """The network of a state dict of fast_neural_style's `TransformerNet`.

    It maps pixels from 0 to 255 to the same; ours see [-1, 1] and give [0, 1]. Biases before a
    normalization, and what former versions of PyTorch stored of running statistics, have no effect
    and are left out.

    Raises:
        NoSuchNetwork: a tensor is missing, of another shape, or not of finite numbers.
    """
    weights, style = {}, []
    for ours, (conv, norm) in LAYERS.items():
        weights[f"{ours}.conv.weight"] = _tensor(tensors, f"{conv}.weight")
        style += [_tensor(tensors, f"{norm}.{part}") for part in ("weight", "bias")]
    # The offset between the ranges is the same for all pixels, and normalized away.
    weights["encoder.0.conv.weight"] = weights["encoder.0.conv.weight"] * np.float32(127.5)
    for part in ("weight", "bias"):
        weights[f"output.1.{part}"] = _tensor(tensors, f"{LAST}.{part}") / np.float32(255)
    for name, shape in ARCHITECTURE.layers.shapes.items():
        if weights[name].shape != shape:
            raise NoSuchNetwork(f"{name} has shape {weights[name].shape}, expected {shape}")
    channels = [norm.channels for norm in normalizations(ARCHITECTURE.layers) for _ in range(2)]
    for (name, _), expected in zip(
        ((norm, part) for _, norm in LAYERS.values() for part in range(2)), channels, strict=True
    ):
        if len(_tensor(tensors, f"{name}.weight")) != expected:
            raise NoSuchNetwork(f"{name} has not {expected} channels")
    return StyleNetwork(ARCHITECTURE, weights, np.concatenate(style))


def _tensor(tensors: Mapping[str, Tensor], name: str) -> npt.NDArray[np.float32]:
    if name not in tensors:
        raise NoSuchNetwork(f"{name} is missing")
    tensor = np.asarray(tensors[name], np.float32)
    if not np.isfinite(tensor).all():
        raise NoSuchNetwork(f"{name} holds values that are not finite numbers")
    return tensor
