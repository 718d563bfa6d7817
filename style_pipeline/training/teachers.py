"""The networks that a body is distilled from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor

from style_pipeline.stylization.architecture import Architecture, StyleNetwork
from style_pipeline.stylization.backends.network import Network, as_network

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
EXAMPLES: Final = {
    "conv1": "encoder.0",
    "conv2": "encoder.1",
    "conv3": "encoder.2",
    **{
        f"res{block + 1}.{part}": f"residual.{block}.{name}"
        for block in range(5)
        for part, name in (("a", "first"), ("b", "second"))
    },
    "up1": "decoder.1",
    "up2": "decoder.3",
}
"""The same of one network of pytorch/examples, whose last layer is ``out``."""
HALF: Final = 0.5


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
        """RGB (1, 3, H, W) in [0, 1], both sides multiples of eight."""
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


def load_teachers(folder: Path) -> list[Teacher]:
    """Those of a folder: ``multistyle.safetensors`` with 26 styles, and ``examples_*.safetensors``
    with one each, in the layouts that `MULTISTYLE` and `EXAMPLES` name (``LAYER.weight``,
    ``LAYER.scale``, ``LAYER.shift``).

    Raises:
        FileNotFoundError: there are none.
    """
    teachers = list(_all(folder))
    if not teachers:
        raise FileNotFoundError(f"{folder}: no multistyle.safetensors, no examples_*.safetensors")
    return teachers


def _all(folder: Path) -> Iterator[Teacher]:
    for path in sorted(folder.glob("*multistyle*.safetensors")) + sorted(
        folder.glob("*26-styles.safetensors")
    ):
        file = _tensors(path)
        weights = {
            f"{ours}.conv.weight": file[f"{name}.weight"] for name, ours in MULTISTYLE.items()
        }
        # They see pictures in [0, 1], where ours see [-1, 1]; an offset is normalized away.
        weights["down.0.conv.weight"] = weights["down.0.conv.weight"] / 2
        network = _network("multistyle", (32, 8, 4), 6, weights)
        for number in range(len(file["down0.scale"])):
            style = torch.cat(
                [
                    file[f"{name}.{part}"][number]
                    for name in MULTISTYLE
                    for part in ("scale", "shift")
                ]
            )
            wanted = 4.0 if number in (19, 24) else 1.0  # Starry Night, Great Wave: these ship
            yield Teacher(f"multistyle-{number}", network, style[None], 1.0, wanted)
            yield Teacher(f"multistyle-{number}-half", network, style[None], HALF, wanted / 3)
    for path in sorted(folder.glob("*examples_*.safetensors")):
        file = _tensors(path)
        weights = {f"{ours}.conv.weight": file[f"{name}.weight"] for name, ours in EXAMPLES.items()}
        weights["encoder.0.conv.weight"] = weights["encoder.0.conv.weight"] * 127.5
        weights |= {f"output.1.{part}": file[f"out.{part}"] / 255 for part in ("weight", "bias")}
        network = _network("examples", (32, 64, 128), 5, weights)
        style = torch.cat(
            [file[f"{name}.{part}"] for name in EXAMPLES for part in ("scale", "shift")]
        )
        name = path.stem.split("examples_")[1]
        wanted = 4.0 if name == "udnie" else 1.5
        yield Teacher(name, network, style[None], 1.0, wanted)
        yield Teacher(f"{name}-half", network, style[None], HALF, wanted / 3)


def _network(
    kind: str, channels: tuple[int, int, int], blocks: int, weights: Mapping[str, Tensor]
) -> Network:
    architecture = Architecture(kind, channels, blocks)
    arrays = {name: weight.numpy() for name, weight in weights.items()}
    network = StyleNetwork(architecture, arrays, torch.zeros(architecture.style_size).numpy())
    return as_network(network).to(memory_format=torch.channels_last)


def _tensors(path: Path) -> dict[str, Tensor]:
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
