"""Model files of version 0.1: one network a style, with scales and shifts among its tensors."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from style_pipeline.stylization.architecture import Architecture, StyleNetwork
from style_pipeline.stylization.layers import (
    Convolution,
    Layer,
    Normalization,
    PixelShuffle,
    Shapes,
)

Tensor = npt.NDArray[Any]
FORMAT: Final = "style_pipeline/1"
TAPS: Final = np.zeros((2, 3, 5))
"""Which of a row of five taps on a doubled picture see which of three small pixels, for the two
that the middle one becomes: kernels were stored for the doubled picture."""
for phase, tap in np.ndindex(2, 5):
    TAPS[phase, (phase + tap) // 2, tap] = 1


def shapes(architecture: Architecture) -> Shapes:
    """Of all tensors of such a file."""
    found: Shapes = {}
    for name, layer, shuffled in _layers(architecture):
        if isinstance(layer, Normalization):
            found |= {f"{name}.{part}": (layer.channels,) for part in ("weight", "bias")}
        elif isinstance(layer, Convolution):
            for part, shape in layer.shapes.items():
                outputs, *others = shape
                large = (outputs // 4, *others[:1], *(5 for _ in others[1:]))
                found[f"{name}.{part}"] = large if shuffled else shape
    return found


def as_network(architecture: Architecture, tensors: Mapping[str, Tensor]) -> StyleNetwork:
    """What such a file holds, as a body and a style."""
    weights: dict[str, npt.NDArray[np.float32]] = {}
    style: list[Tensor] = []
    for name, layer, shuffled in _layers(architecture):
        if isinstance(layer, Normalization):
            style += [tensors[f"{name}.weight"], tensors[f"{name}.bias"]]
        elif isinstance(layer, Convolution):
            for part in layer.shapes:
                tensor = tensors[f"{name}.{part}"].astype(np.float32)
                weights[f"{name}.{part}"] = _of_small_picture(tensor) if shuffled else tensor
    return StyleNetwork(architecture, weights, np.concatenate(style).astype(np.float32))


def _of_small_picture(tensor: Tensor) -> npt.NDArray[np.float32]:
    """Of four phases that a pixel shuffle puts together."""
    if tensor.ndim == 1:
        return np.repeat(tensor, 4).astype(np.float32)
    folded: Tensor = np.einsum("oiyx,apy,bqx->oabipq", tensor, TAPS, TAPS)
    return folded.reshape(-1, tensor.shape[1], 3, 3).astype(np.float32)


def _layers(architecture: Architecture) -> Iterator[tuple[str, Layer, bool]]:
    """Each, with its name there, and whether a pixel shuffle follows it."""
    parts = [*architecture.layers.parts()]
    for (name, layer), (_, following) in zip(parts, [*parts[1:], ("", None)], strict=True):
        yield name, layer, isinstance(following, PixelShuffle)
