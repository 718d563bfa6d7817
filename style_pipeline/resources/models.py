"""The library of trained networks: those that ship, and those that were trained here (in ops)."""

import json
from pathlib import Path

from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.store import Store
from style_pipeline.styles import shipped_styles


def trained_styles(ops: Store) -> dict[str, str]:
    """The sha256 of every style's current network: one that was trained here, or a shipped one."""
    return dict(sorted({**shipped_networks(), **_registry(ops).current()}.items()))


def shipped_networks() -> dict[str, str]:
    """The sha256 of every shipped style's network."""
    return {style: stored_hash(path) for style, path in shipped_styles().items()}


def publish_model(ops: Store, *, style: str, path: Path, sha256: str) -> None:
    """Make a network a style's current one; until the very end the one before it is."""
    _registry(ops).publish(style, path, sha256)


def fetch_model(ops: Store, *, style: str, sha256: str, folder: Path) -> Path:
    """The file of exactly that network. Raises `ObjectNotFound`."""
    shipped = shipped_styles().get(style)
    if shipped and stored_hash(shipped) == sha256:
        return shipped
    return _registry(ops).fetch(style, sha256, folder)


def stored_hash(path: Path) -> str:
    """The hash that a network's file states in its header; no tensor is read."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return str(header["__metadata__"]["tensors_sha256"])


def _registry(ops: Store) -> Registry:
    # A network is named for its tensors, whose hash is checked where they are loaded.
    return Registry(store=ops, suffix=".safetensors", digest=None)
