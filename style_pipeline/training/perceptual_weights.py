"""The weights of perceptual networks: torchvision's, downloaded or in a file, and compact ones."""

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torchvision.models import VGG16_Weights, VGG19_Weights, vgg16, vgg19

from pipeline_kit.errors import PermanentError, TransientError
from style_pipeline.training.perceptual import LAYERS, VGG, Combined, PerceptualNetwork

SUFFIXES: Final = (".safetensors", ".pth", ".pt")
TORCHVISION: Final = {
    "vgg19": (vgg19, VGG19_Weights.DEFAULT),
    "vgg16": (vgg16, VGG16_Weights.DEFAULT),
}
"""Networks that torchvision downloads; "torchvision" stands for the first."""
BLOCKS: Final[tuple[tuple[int, ...], ...]] = ((2, 2, 4, 4, 4), (2, 2, 3, 3, 3))
"""Convolutions of each block, of VGG-19 and of VGG-16."""
MEAN: Final = torch.tensor((0.485, 0.456, 0.406))
DEVIATION: Final = torch.tensor((0.229, 0.224, 0.225))


class BadWeights(PermanentError):
    """Files hold no perceptual network that can be used; the message says what is missing."""


class NoDownload(TransientError):
    """torchvision's weights could not be downloaded; trying again later may help."""


@dataclass(frozen=True)
class Weights:
    """A network's tensors as `VGG` takes them, and the padding that it was trained with."""

    tensors: Mapping[str, Tensor]
    padding: Literal["constant", "reflect"]

    def has(self, layer: str, *, real: bool = False) -> bool:
        """Whether it sees ``layer``; if ``real``, not by way of a head."""
        conv = layer.replace("relu", "conv")
        head = f"{conv}_to_vgg19.weight" in self.tensors
        return f"{conv}.weight" in self.tensors and not (real and head)


def load_perceptual(source: str | Path = "vgg19") -> PerceptualNetwork:
    """VGG-19 or VGG-16 as torchvision downloads it, by name, or what a file or folder holds.

    Raises:
        BadWeights: see `read_networks`.
        NoDownload: torchvision could not download the weights.
        FileNotFoundError: there is no such file or folder.
    """
    name = "vgg19" if source == "torchvision" else str(source)
    if name in TORCHVISION:
        return _downloaded(name)
    path = Path(source)
    if path.is_dir():
        return read_networks(p for p in sorted(path.iterdir()) if p.suffix in SUFFIXES)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder with weights of VGG.")
    return read_networks([path])


def read_networks(paths: Iterable[Path]) -> PerceptualNetwork:
    """Put relu1_1 to relu5_1 together from one or several files.

    A file is torchvision's state dict of VGG-16 or VGG-19 (.pth, .safetensors), or a safetensors
    file of ``convB_I`` and ``conv0`` as `VGG` takes them. Every layer is the real one of the first
    file that has it; else the one that the head of a compressed network predicts. Files that hold
    something else are left out where the others have all layers.

    Raises:
        BadWeights: a layer is in none of the files.
    """
    found: dict[str, Weights] = {}
    refused = []
    for path in paths:
        try:
            found[path.stem] = read_weights(path)
        except BadWeights as error:
            refused.append(str(error))
    chosen: dict[str, list[str]] = {}
    missing = []
    for layer in LAYERS:
        having = [name for name, weights in found.items() if weights.has(layer)]
        real = [name for name in having if found[name].has(layer, real=True)]
        if having:
            chosen.setdefault((real or having)[0], []).append(layer)
        else:
            missing.append(layer)
    if missing:
        said = f" ({'; '.join(refused)})" if refused else ""
        raise BadWeights(f"no file has {', '.join(missing)} of VGG-16 or VGG-19{said}")
    return Combined(
        [
            VGG(
                found[name].tensors,
                layers=layers,
                padding=found[name].padding,
                name=f"{name} ({layers[0]}-{layers[-1]})",
            )
            for name, layers in chosen.items()
        ]
    )


def read_weights(path: Path) -> Weights:
    """Read one file; nothing in it is executed.

    Raises:
        BadWeights: it is damaged, or of another network.
    """
    try:
        state = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
        if not _is_state_dict(state):
            raise BadWeights("holds no state dict")
        weights = (
            Weights(state, "reflect")
            if "conv0.weight" in state
            else Weights(torchvision_tensors(state), "constant")
        )
        _check(weights.tensors)
    except BadWeights as error:
        raise BadWeights(f"{path.name} {error}") from None
    except (SafetensorError, OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise BadWeights(f"{path.name} is damaged, or holds more than tensors") from error
    return weights


def _is_state_dict(state: object) -> bool:
    return isinstance(state, dict) and all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    )


def torchvision_tensors(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's state dict of VGG-16 or VGG-19 as `VGG` takes it, up to conv5_1.

    ``features.N.weight`` becomes ``convB_I.weight``, ImageNet's normalization ``conv0``.

    Raises:
        BadWeights: it is of another network; those with batch normalization are others, too.
    """
    weights = {
        name.removesuffix(".weight")
        for name in state
        if name.startswith("features.") and name.endswith(".weight")
    }
    for blocks in BLOCKS:
        places = _places(blocks)
        if weights == set(places):
            break
    else:
        raise BadWeights("is no torchvision state dict of VGG-16 or VGG-19")
    tensors = {
        "conv0.weight": (1 / DEVIATION).diag()[:, :, None, None],
        "conv0.bias": -MEAN / DEVIATION,
    }
    for place, conv in places.items():
        if conv <= "conv5_1":
            for kind in ("weight", "bias"):
                tensors[f"{conv}.{kind}"] = _get(state, f"{place}.{kind}")
    return tensors


def _places(blocks: tuple[int, ...]) -> dict[str, str]:
    """The convolutions among torchvision's layers: a ReLU follows each, a pool each block."""
    places, number = {}, 0
    for block, depth in enumerate(blocks, start=1):
        for index in range(1, depth + 1):
            places[f"features.{number}"] = f"conv{block}_{index}"
            number += 2
        number += 1
    return places


def _check(tensors: Mapping[str, Tensor]) -> None:
    """Raise `BadWeights` unless the tensors are a VGG, whole up to some layer, of any width."""
    for blocks in BLOCKS:
        names = list(_places(blocks).values())
        there = [name for name in names if f"{name}.weight" in tensors]
        if there and there == names[: len(there)]:
            break
    else:
        raise BadWeights("has not the layers of VGG")
    inputs = 3
    heads = [name for conv in there if f"{(name := f'{conv}_to_vgg19')}.weight" in tensors]
    for name in ["conv0", *there, *heads]:
        weight, bias = tensors[f"{name}.weight"], _get(tensors, f"{name}.bias")
        kernel = (3, 3) if name in there else (1, 1)
        if weight.shape[2:] != kernel or bias.shape != weight.shape[:1]:
            raise BadWeights(f"has {name} of shape {tuple(weight.shape)}, which is not VGG's")
        if not (weight.isfinite().all() and bias.isfinite().all()):
            raise BadWeights(f"holds values in {name} that are not finite numbers")
    for conv in there:
        shape = tensors[f"{conv}.weight"].shape
        if shape[1] != inputs:
            raise BadWeights(f"has {conv} with {shape[1]} inputs for {inputs} channels")
        inputs = shape[0]


def _get(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in tensors:
        raise BadWeights(f"lacks {name}")
    return tensors[name]


def _downloaded(name: str) -> PerceptualNetwork:
    build, weights = TORCHVISION[name]
    try:
        state = build(weights=weights).state_dict()
    except (OSError, RuntimeError) as error:  # no network, a full disk, a wrong hash
        raise NoDownload(
            f"torchvision could not download the weights of {name} ({error}): "
            "name a file that holds them"
        ) from error
    return VGG(
        torchvision_tensors(state), layers=LAYERS, padding="constant", name=f"torchvision {name}"
    )
