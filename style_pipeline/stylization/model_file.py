"""Styles and bodies as safetensors files; their headers say what they are and were made from."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pipeline_kit.errors import PermanentError
from style_pipeline.stylization import former_models
from style_pipeline.stylization.architecture import (
    Architecture,
    StyleNetwork,
    Vector,
    Weights,
)
from style_pipeline.stylization.layers import Shapes

Tensor = npt.NDArray[Any]
FORMAT: Final = "style_pipeline/2"
BODIES: Final = Path(__file__).parents[1] / "styles" / "bodies"
"""The bodies that ship, named by their digest."""
STYLE: Final = "style"
STYLES: Final = "styles"
BODY: Final = "body."
"""How the tensors of a file are named: the style's vector, those of a body's training, and the
body's weights."""


class StyleModelError(PermanentError):
    """The file is not a style model that this version can use; trying again cannot help."""


@dataclass(frozen=True)
class StyleModel:
    """A style.

    ``sha256`` is the hash of its tensors as stored and of its body, whatever the metadata around
    them. Styles of one ``body``, which is that one's digest, can be mixed.
    """

    style: str
    network: StyleNetwork
    body: str
    sha256: str
    metadata: dict[str, str]


def tensors_sha256(tensors: Mapping[str, Tensor], body: str = "") -> str:
    """Hash of names, dtypes, shapes and bytes, in the order of the names, after the digest of a
    body that is not among them."""
    digest = hashlib.sha256(body.encode())
    for name, tensor in sorted(tensors.items()):
        # As PyTorch, which wrote the first of these files, names dtypes.
        digest.update(f"{name} torch.{tensor.dtype} {tensor.shape}\n".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Body:
    """What all styles of it share.

    ``styles``, (K, numbers), are those that it was trained with: where fits begin.
    """

    digest: str
    architecture: Architecture
    weights: Weights
    styles: npt.NDArray[np.float32]
    metadata: dict[str, str]

    @property
    def teachers(self) -> list[str]:
        """Whom each of ``styles`` was learned from."""
        names: list[str] = json.loads(self.metadata["teachers"])
        return names

    def network(self, style: Vector) -> StyleNetwork:
        return StyleNetwork(self.architecture, self.weights, style)


def save_body(
    folder: Path,
    architecture: Architecture,
    weights: Weights,
    styles: npt.NDArray[np.float32],
    *,
    recipe: Mapping[str, object],
    teachers: Sequence[str],
) -> Path:
    """Write a body in half precision to ``DIGEST.safetensors``."""
    tensors = _stored(weights)
    digest = tensors_sha256(tensors)
    path = folder / f"{digest}.safetensors"
    metadata = {
        "recipe": json.dumps(recipe),
        "teachers": json.dumps(teachers),
        "tensors_sha256": digest,
    }
    _write(path, tensors | {STYLES: styles.astype(np.float16)}, architecture, metadata)
    return path


def save_model(
    path: Path,
    network: StyleNetwork,
    *,
    style: str,
    recipe: Mapping[str, object],
    data: Mapping[str, object],
    artwork_sha256: str,
    body: str = "",
) -> str:
    """Write a style, in one step, and return its hash.

    Its body goes along, in half precision, unless it is a shipped one whose digest is ``body``.
    """
    tensors: dict[str, Tensor] = {} if body else _stored(network.weights)
    digest = body or tensors_sha256(tensors)
    tensors[STYLE] = network.style.astype(np.float32)
    sha256 = tensors_sha256(tensors, body)
    metadata = {
        "style": style,
        "body": digest,
        "recipe": json.dumps(recipe),
        "data": json.dumps(data),
        "artwork_sha256": artwork_sha256,
        "tensors_sha256": sha256,
    }
    _write(path, tensors, network.architecture, metadata)
    return sha256


def load_body(digest: str) -> Body:
    """A shipped body.

    Raises:
        StyleModelError: there is none of that digest.
    """
    shipped = {path.stem: path for path in BODIES.glob("*.safetensors")}
    if digest not in shipped:
        raise StyleModelError(
            f"it needs the body {digest[:12]}, which this version lacks: train the style again"
        )
    tensors, metadata = _read(shipped[digest])
    own = {name: tensor for name, tensor in tensors.items() if name != STYLES}
    architecture, weights = _verified_body(own, metadata, digest)
    count = len(json.loads(metadata["teachers"]))
    styles = _checked_styles(tensors, STYLES, architecture, count)
    return Body(digest, architecture, weights, styles, metadata)


def load_model(path: Path) -> StyleModel:
    """Read and verify a style; nothing in the file is executed.

    Raises:
        StyleModelError: not such a file, damaged, of an unknown format or architecture, or of a
            body that is not there.
        FileNotFoundError: there is no such file.
    """
    try:
        tensors, metadata = _read(path)
        network, body = _network(tensors, metadata)
        sha256 = tensors_sha256(tensors, body if tensors.keys() == {STYLE} else "")
        if sha256 != metadata["tensors_sha256"]:
            raise StyleModelError("the tensors do not match their hash")
        return StyleModel(metadata["style"], network, body or sha256, sha256, metadata)
    except (StyleModelError, TypeError) as error:  # bfloat16, and others that NumPy lacks
        raise StyleModelError(f"{path.name}: {error}.") from None
    except SafetensorError as error:
        raise StyleModelError(f"{path.name}: no whole safetensors file ({error}).") from None
    except KeyError as error:
        raise StyleModelError(f"{path.name}: metadata lacks {error}.") from None
    except json.JSONDecodeError as error:
        raise StyleModelError(f"{path.name}: metadata is not JSON ({error}).") from None


def _network(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> tuple[StyleNetwork, str]:
    """What a file holds, with its body's digest, which is empty in version 0.1."""
    if metadata.get("format") == former_models.FORMAT:
        architecture = _architecture(metadata)
        _check_tensors(tensors, former_models.shapes(architecture))
        return former_models.as_network(architecture, tensors), ""
    if metadata.get("format") != FORMAT:
        raise StyleModelError(f"format {metadata.get('format')!r}, expected {FORMAT!r}")
    digest = metadata["body"]
    if tensors.keys() == {STYLE}:
        body = load_body(digest)
        architecture, weights = body.architecture, body.weights
    else:
        own = {name: tensor for name, tensor in tensors.items() if name != STYLE}
        architecture, weights = _verified_body(own, metadata, digest)
    style = _checked_styles(tensors, STYLE, architecture)
    return StyleNetwork(architecture, weights, style), digest


def _checked_styles(
    tensors: Mapping[str, Tensor], name: str, architecture: Architecture, *count: int
) -> npt.NDArray[np.float32]:
    """The styles that a file has by that name, (*count, numbers); without brushing those that were
    written when styles ended where it begins."""
    place = architecture.brushing
    found = {name: tensors[name]} if name in tensors else {}
    short = any(tensor.shape == (*count, place.start) for tensor in found.values())
    written = place.start if short else place.stop
    _check_tensors(found, {name: (*count, written)})
    missing = [(0, 0)] * len(count) + [(0, place.stop - written)]
    return np.pad(tensors[name], missing).astype(np.float32)


def _verified_body(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], digest: str
) -> tuple[Architecture, Weights]:
    architecture = _architecture(metadata)
    shapes = architecture.layers.shapes.items()
    _check_tensors(tensors, {f"{BODY}{name}": shape for name, shape in shapes})
    if tensors_sha256(tensors) != digest:
        raise StyleModelError("the body does not match its hash")
    return architecture, {
        name.removeprefix(BODY): tensor.astype(np.float32) for name, tensor in tensors.items()
    }


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
        if not np.issubdtype(tensor.dtype, np.floating):
            raise StyleModelError(f"{name} is of {tensor.dtype}, expected float16 or float32")
        if not np.isfinite(tensor).all():
            raise StyleModelError(f"{name} holds values that are not finite numbers")


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    with safe_open(path, framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118


def _stored(weights: Weights) -> dict[str, Tensor]:
    return {f"{BODY}{name}": weight.astype(np.float16) for name, weight in weights.items()}


def _write(
    path: Path, tensors: dict[str, Tensor], architecture: Architecture, metadata: dict[str, str]
) -> None:
    described = {
        "format": FORMAT,
        "architecture": architecture.name,
        "channels": json.dumps(architecture.channels),
        "residual_blocks": json.dumps(architecture.residual_blocks),
    }
    partial = path.with_name(path.name + ".partial")
    # safetensors writes bytes as they lie, and PyTorch's channels_last lets them lie otherwise.
    ordered = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    save_file(ordered, partial, described | metadata)
    os.replace(partial, path)
