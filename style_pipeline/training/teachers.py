"""The networks that a body is distilled from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file
from torch import Tensor

from style_pipeline.stylization.architecture import Architecture, StyleNetwork
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.fast_neural_style import LAYERS, OUTPUT
from style_pipeline.stylization.fast_neural_style import as_network as as_fast_neural_style

MULTISTYLE: Final = {
    "down0": "down.0",
    "down1": "down.1",
    "down2": "down.2",
    **{
        f"res.{block}.{part}": f"residual.{block}.{name}"
        for block in range(6)
        for part, name in enumerate(("first", "second"))
    },
    "up0": "up.1",
    "up1": "up.3",
    "up2": "up.4",
}
"""The layers of a file with the 26 styles of TensorFlow's demo, in the order of computation, and
their names here."""
EXAMPLES: Final = (
    *("conv1", "conv2", "conv3"),
    *(f"res{block}.{part}" for block in range(1, 6) for part in "ab"),
    *("up1", "up2"),
)
"""The same of one network of pytorch/examples, whose last layer is ``out``."""
HALF: Final = 0.5
WANTED_OF_EXAMPLES: Final = {"udnie": 14.0, "mosaic": 2.0, "candy": 1.0}
"""Udnie ships; it and the mosaic have shapes so large that a body learns them slowly."""


@dataclass(frozen=True)
class Teacher:
    """One style of a network, at one size of strokes.

    ``scale`` is that of the pictures it stylizes: at a half its strokes are twice as large.
    ``weight`` says how often it teaches, relative to the others.
    """

    name: str
    network: Network
    style: Tensor
    scale: float
    weight: float

    @torch.inference_mode()
    def stylize(self, picture: Tensor) -> Tensor:
        """RGB (1, 3, H, W) in [0, 1], both sides multiples of eight, on the network's device."""
        picture = picture.to(self.style.device)
        if self.scale == 1:
            made: Tensor = self.network(picture, self.style)
            return made
        small = F.interpolate(picture, scale_factor=self.scale, mode="area")
        large = F.interpolate(
            self.network(small, self.style), size=picture.shape[-2:], mode="bicubic"
        )
        return _sharpened(large).clamp(0, 1)


def _sharpened(picture: Tensor) -> Tensor:
    """What enlarging by two blurred, roughly given back: strokes keep their edges."""
    blurred = F.avg_pool2d(F.pad(picture, (1, 1, 1, 1), mode="reflect"), 3, stride=1)
    return picture + 0.8 * (picture - blurred)


def load_teachers(folder: Path, device: str = "cpu") -> list[Teacher]:
    """Those of a folder: ``multistyle.safetensors`` with 26 styles, and ``examples_*.safetensors``
    with one each, in the layouts that `MULTISTYLE` and `EXAMPLES` name (``LAYER.weight``,
    ``LAYER.scale``, ``LAYER.shift``).

    Raises:
        FileNotFoundError: there are none.
    """
    teachers = list(_all(folder, device))
    if not teachers:
        raise FileNotFoundError(f"{folder}: no multistyle.safetensors, no examples_*.safetensors")
    return teachers


def _all(folder: Path, device: str) -> Iterator[Teacher]:
    for path in [*folder.glob("*multistyle*.safetensors"), *folder.glob("*26-styles.safetensors")]:
        for number, network in enumerate(multistyle(path)):
            wanted = 8.0 if number in (19, 24) else 1.0  # Starry Night, Great Wave: these ship
            yield from _at_both_sizes(f"multistyle-{number}", network, wanted, device)
    for path in sorted(folder.glob("*examples_*.safetensors")):
        name = path.stem.split("examples_")[1]
        wanted = WANTED_OF_EXAMPLES.get(name, 1.5)
        yield from _at_both_sizes(name, example(path), wanted, device)


def _at_both_sizes(
    name: str, network: StyleNetwork, wanted: float, device: str
) -> Iterator[Teacher]:
    module = as_network(network).to(device).to(memory_format=torch.channels_last)
    style = torch.from_numpy(network.style)[None].to(device)
    yield Teacher(name, module, style, 1.0, wanted)
    yield Teacher(f"{name}-half", module, style, HALF, wanted / 3)


def multistyle(path: Path) -> list[StyleNetwork]:
    """The networks of all styles in a file in the layout of `MULTISTYLE`."""
    file = _tensors(path)
    weights = {f"{ours}.conv.weight": file[f"{name}.weight"] for name, ours in MULTISTYLE.items()}
    # They see pictures in [0, 1], where ours see [-1, 1]; an offset is normalized away.
    weights["down.0.conv.weight"] /= 2
    parts = [file[f"{name}.{part}"] for name in MULTISTYLE for part in ("scale", "shift")]
    architecture = Architecture("multistyle", (32, 8, 4), 6)
    return [StyleNetwork(architecture, weights, style) for style in np.concatenate(parts, axis=1)]


def example(path: Path) -> StyleNetwork:
    """The network of a file in the layout of `EXAMPLES`."""
    file = _tensors(path)
    published = {f"{OUTPUT}.{part}": file[f"out.{part}"] for part in ("weight", "bias")}
    for name, (convolution, normalization) in zip(EXAMPLES, LAYERS.values(), strict=True):
        published[f"{convolution}.weight"] = file[f"{name}.weight"]
        published[f"{normalization}.weight"] = file[f"{name}.scale"]
        published[f"{normalization}.bias"] = file[f"{name}.shift"]
    return as_fast_neural_style(published)


def _tensors(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    return {name: tensor.astype(np.float32) for name, tensor in load_file(path).items()}
