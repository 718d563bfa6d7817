"""A trained style as one file: safetensors whose header says what it is and how it was made."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from style_pipeline.stylization.network import ARCHITECTURES, PaintingNetwork

FORMAT: Final = "style_pipeline/1"


class StyleModelError(ValueError):
    """The file is not a style model that this version can use; trying again cannot help."""


@dataclass(frozen=True)
class StyleModel:
    """A network ready to paint: float32, in eval mode, without gradients.

    ``sha256`` is the hash of its tensors as stored, whatever the metadata around them.
    """

    style: str
    network: PaintingNetwork
    sha256: str
    metadata: dict[str, str]


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """Hash of names, dtypes, shapes and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.contiguous().cpu().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def save_model(
    path: Path,
    network: PaintingNetwork,
    *,
    style: str,
    recipe: Mapping[str, object],
    data: Mapping[str, object],
    artwork_sha256: str,
) -> str:
    """Write ``network`` in half precision, in one step, and return its tensors' hash."""
    architecture = next(n for n, kind in ARCHITECTURES.items() if type(network) is kind)
    tensors = {
        name: tensor.detach().to(torch.float16).contiguous()
        for name, tensor in network.state_dict().items()
    }
    sha256 = tensors_sha256(tensors)
    metadata = {
        "format": FORMAT,
        "architecture": architecture,
        "channels": json.dumps(network.channels),
        "residual_blocks": json.dumps(network.residual_blocks),
        "style": style,
        "recipe": json.dumps(recipe),
        "data": json.dumps(data),
        "artwork_sha256": artwork_sha256,
        "tensors_sha256": sha256,
    }
    partial = path.with_name(path.name + ".partial")
    save_file(tensors, partial, metadata)
    os.replace(partial, path)
    return sha256


def empty_network(metadata: Mapping[str, str]) -> PaintingNetwork:
    """The architecture that ``metadata`` describes, on the meta device: shapes, no memory."""
    kind = ARCHITECTURES.get(metadata["architecture"])
    if kind is None:
        known = ", ".join(ARCHITECTURES)
        raise StyleModelError(
            f"unknown architecture {metadata['architecture']!r}, expected {known}"
        )
    channels = json.loads(metadata["channels"])
    blocks = json.loads(metadata["residual_blocks"])
    sane = (
        isinstance(channels, list)
        and len(channels) == 3
        and all(isinstance(c, int) and 1 <= c <= 1024 for c in channels)
        and isinstance(blocks, int)
        and 0 <= blocks <= 64
    )
    if not sane:
        raise StyleModelError(f"impossible architecture: {channels = }, {blocks = }")
    with torch.device("meta"):
        return kind(channels=channels, residual_blocks=blocks)


def check_tensors(tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise `StyleModelError` unless names and shapes agree and every value is finite."""
    if missing := sorted(expected.keys() - tensors.keys()):
        raise StyleModelError(f"tensors missing: {', '.join(missing[:3])}")
    if extra := sorted(tensors.keys() - expected.keys()):
        raise StyleModelError(f"tensors not of this network: {', '.join(extra[:3])}")
    for name, tensor in tensors.items():
        found, wanted = tuple(tensor.shape), tuple(expected[name].shape)
        if found != wanted:
            raise StyleModelError(f"{name} has shape {found}, expected {wanted}")
        if not tensor.is_floating_point() or not tensor.isfinite().all():
            raise StyleModelError(f"{name} holds values that are not finite numbers")


def load_model(path: Path) -> StyleModel:
    """Read and verify a style model; nothing in the file is executed.

    Raises:
        StyleModelError: not such a file, damaged, or of an unknown format or architecture.
        FileNotFoundError: there is no such file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise StyleModelError(f"format {metadata.get('format')!r}, expected {FORMAT!r}")
            network = empty_network(metadata)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        check_tensors(tensors, network.state_dict())
        sha256 = tensors_sha256(tensors)
        if sha256 != metadata["tensors_sha256"]:
            raise StyleModelError("the tensors do not match their hash")
        style = metadata["style"]
    except StyleModelError as error:
        raise StyleModelError(f"{path.name}: {error}.") from None
    except SafetensorError as error:
        raise StyleModelError(f"{path.name}: no whole safetensors file ({error}).") from None
    except KeyError as error:
        raise StyleModelError(f"{path.name}: metadata lacks {error}.") from None
    except json.JSONDecodeError as error:
        raise StyleModelError(f"{path.name}: metadata is not JSON ({error}).") from None
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return StyleModel(style, network.eval().requires_grad_(False), sha256, metadata)
