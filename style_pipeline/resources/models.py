"""The library of trained networks: those that ship, and those that were trained here (in ops)."""

import json
import re
from functools import lru_cache
from pathlib import Path

from style_pipeline.partitions import Style
from style_pipeline.resources.stores import ObjectNotFound, Store
from style_pipeline.styles import shipped_styles

FOLDER = "models"
_POINTER = re.compile(rf"{FOLDER}/([^/]+)/current")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def trained_styles(ops: Store) -> dict[str, str]:
    """The sha256 of every style's current network: one that was trained here, or a shipped one.

    Cheap enough for every tick of a sensor: one listing, and a read of each pointer that changed.
    A pointer to a network that is not there counts for nothing.
    """
    there = {found.name: found.etag for found in ops.list(FOLDER)}
    trained = shipped_networks()
    for name, etag in there.items():
        if pointer := _POINTER.fullmatch(name):
            sha256 = _read_pointer(ops, name, etag)
            if _SHA256.fullmatch(sha256) and Style(pointer[1]).model(sha256) in there:
                trained[pointer[1]] = sha256
    return dict(sorted(trained.items()))


def shipped_networks() -> dict[str, str]:
    """The sha256 of every shipped style's network."""
    return {style: stored_hash(path) for style, path in shipped_styles().items()}


def publish_model(ops: Store, *, style: str, path: Path, sha256: str) -> None:
    """Make a network a style's current one; until the very end the one before it is."""
    ops.upload(path, Style(style).model(sha256))
    ops.write(Style(style).current_model, sha256.encode())


def fetch_model(ops: Store, *, style: str, sha256: str, folder: Path) -> Path:
    """The file of exactly that network. Raises `ObjectNotFound`."""
    shipped = shipped_styles().get(style)
    if shipped and stored_hash(shipped) == sha256:
        return shipped
    path = folder / f"{sha256}.safetensors"
    try:
        ops.download(Style(style).model(sha256), path)
    except ObjectNotFound as error:
        raise ObjectNotFound(f"network {sha256[:12]} of style {style!r} is gone: {error}") from None
    return path


def stored_hash(path: Path) -> str:
    """The hash that a network's file states in its header; no tensor is read."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return str(header["__metadata__"]["tensors_sha256"])


@lru_cache(maxsize=1000)
def _read_pointer(ops: Store, name: str, etag: str) -> str:
    """The ETag makes it a version: what was read once is not read again."""
    return ops.read(name).decode(errors="replace").strip()
