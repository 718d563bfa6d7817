"""A trained style as one file: safetensors whose header says what it is and how it was made."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from style_pipeline.stylization.architecture import Architecture, Shapes, StyleNetwork

Tensor = npt.NDArray[Any]
FORMAT: Final = "style_pipeline/1"


class StyleModelError(ValueError):
    """The file is not a style model that this version can use; trying again cannot help."""


@dataclass(frozen=True)
class StyleModel:
    """A style's network.

    ``sha256`` is the hash of its tensors as stored, whatever the metadata around them.
    """

    style: str
    network: StyleNetwork
    sha256: str
    metadata: dict[str, str]


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """Hash of names, dtypes, shapes and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        # As PyTorch, which wrote the first of these files, names dtypes.
        digest.update(f"{name} torch.{tensor.dtype} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


def save_model(
    path: Path,
    network: StyleNetwork,
    *,
    style: str,
    recipe: Mapping[str, object],
    data: Mapping[str, object],
    artwork_sha256: str,
) -> str:
    """Write ``network`` in half precision, in one step, and return its tensors' hash."""
    tensors = {name: weight.astype(np.float16) for name, weight in network.weights.items()}
    sha256 = tensors_sha256(tensors)
    metadata = {
        "format": FORMAT,
        "architecture": network.architecture.name,
        "channels": json.dumps(network.architecture.channels),
        "residual_blocks": json.dumps(network.architecture.residual_blocks),
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


def _architecture(metadata: Mapping[str, str]) -> Architecture:
    channels, blocks = (json.loads(metadata[name]) for name in ("channels", "residual_blocks"))
    try:
        return Architecture(
            metadata["architecture"],
            tuple(channels) if isinstance(channels, list) else channels,
            blocks,
        )
    except ValueError as error:
        raise StyleModelError(str(error)) from None


def _check_tensors(tensors: Mapping[str, Tensor], expected: Shapes) -> None:
    """Raise `StyleModelError` unless names and shapes agree and every value is finite."""
    if missing := sorted(expected.keys() - tensors.keys()):
        raise StyleModelError(f"tensors missing: {', '.join(missing[:3])}")
    if extra := sorted(tensors.keys() - expected.keys()):
        raise StyleModelError(f"tensors not of this network: {', '.join(extra[:3])}")
    for name, tensor in tensors.items():
        if tensor.shape != expected[name]:
            raise StyleModelError(f"{name} has shape {tensor.shape}, expected {expected[name]}")
        if not (np.issubdtype(tensor.dtype, np.floating) and np.isfinite(tensor).all()):
            raise StyleModelError(f"{name} holds values that are not finite numbers")


def load_model(path: Path) -> StyleModel:
    """Read and verify a style model; nothing in the file is executed.

    Raises:
        StyleModelError: not such a file, damaged, or of an unknown format or architecture.
        FileNotFoundError: there is no such file.
    """
    try:
        with safe_open(path, framework="np") as file:
            metadata: dict[str, str] = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise StyleModelError(f"format {metadata.get('format')!r}, expected {FORMAT!r}")
            architecture = _architecture(metadata)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        _check_tensors(tensors, architecture.layers.shapes)
        sha256 = tensors_sha256(tensors)
        if sha256 != metadata["tensors_sha256"]:
            raise StyleModelError("the tensors do not match their hash")
        style = metadata["style"]
    except StyleModelError as error:
        raise StyleModelError(f"{path.name}: {error}.") from None
    except SafetensorError as error:
        raise StyleModelError(f"{path.name}: no whole safetensors file ({error}).") from None
    except TypeError as error:  # bfloat16, and others that NumPy lacks
        raise StyleModelError(f"{path.name}: {error}.") from None
    except KeyError as error:
        raise StyleModelError(f"{path.name}: metadata lacks {error}.") from None
    except json.JSONDecodeError as error:
        raise StyleModelError(f"{path.name}: metadata is not JSON ({error}).") from None
    weights = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    return StyleModel(style, StyleNetwork(architecture, weights), sha256, metadata)
