"""The library of trained networks: those that ship, and those that were trained here (in ops)."""

import json
from pathlib import Path
from typing import Final

from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.store import Store
from style_pipeline.styles import FINE, STANDARD, networks_of, shipped_styles

POINTERS: Final = {STANDARD: "current", FINE: FINE}
"""By quality, what the object is called that names a style's network of now."""


def trained_styles(ops: Store, quality: str = STANDARD) -> dict[str, str]:
    """The sha256 of every style's current network: one that was trained here, or a shipped one.

    A style that was trained here has none of another quality that ships: it is of another painting.
    """
    shipped, registry = shipped_networks(quality), _registry(ops, quality)
    listing = ops.list(registry.folder)
    if quality != STANDARD:
        own = _registry(ops, STANDARD).current_in(listing)
        shipped = {style: sha256 for style, sha256 in shipped.items() if style not in own}
    return dict(sorted({**shipped, **registry.current_in(listing)}.items()))


def shipped_networks(quality: str = STANDARD) -> dict[str, str]:
    """The sha256 of every shipped style's network."""
    return {style: stored_hash(path) for style, path in shipped_styles(quality).items()}


def publish_model(
    ops: Store, *, style: str, path: Path, sha256: str, quality: str = STANDARD
) -> None:
    """Make a network a style's current one; until the very end the one before it is."""
    _registry(ops, quality).publish(style, path, sha256)


def withdraw_model(ops: Store, *, style: str, quality: str) -> None:
    """Have the style none of this quality any more; films that are under way still find it."""
    _registry(ops, quality).withdraw(style)


def fetch_model(ops: Store, *, style: str, sha256: str, folder: Path) -> Path:
    """The file of exactly that network, of whatever quality. Raises `ObjectNotFound`."""
    return shipped_model(style, sha256) or _registry(ops, STANDARD).fetch(style, sha256, folder)


def shipped_model(style: str, sha256: str) -> Path | None:
    """The file of exactly that network, if it ships."""
    return next((path for path in networks_of(style) if stored_hash(path) == sha256), None)


def stored_hash(path: Path) -> str:
    """The hash that a network's file states in its header; no tensor is read."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return str(header["__metadata__"]["tensors_sha256"])


def _registry(ops: Store, quality: str) -> Registry:
    # A network is named for its tensors, whose hash is checked where they are loaded.
    return Registry(store=ops, suffix=".safetensors", digest=None, pointer=POINTERS[quality])
