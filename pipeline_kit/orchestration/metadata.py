"""Metadata of assets: pictures in it, and what was written there before."""

import base64
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
from PIL import Image

Metadata = Mapping[str, Any]
"""Plain values by name."""

PAGE = 50
"""Events in memory at once: some have a picture."""
AT_ONCE = 1000
"""Characters of Markdown from which on the UI hides it behind a link."""


def latest_events(
    instance: dg.DagsterInstance, asset: dg.AssetKey | str, partitions: Collection[str]
) -> Mapping[str, int]:
    """The storage id of the latest materialization of each of the partitions that has any."""
    if not partitions:  # which Dagster would take for all
        return {}
    key, made = dg.AssetKey.from_coercible(asset), dg.DagsterEventType.ASSET_MATERIALIZATION
    return instance.get_latest_storage_id_by_partition(key, made, set(partitions))


def latest_metadata(
    instance: dg.DagsterInstance, asset: dg.AssetKey | str, partitions: Collection[str]
) -> dict[str, Metadata]:
    """The metadata of those."""
    return metadata_of(instance, asset, latest_events(instance, asset, partitions).values())


def metadata_of(
    instance: dg.DagsterInstance, asset: dg.AssetKey | str, events: Iterable[int]
) -> dict[str, Metadata]:
    """The metadata of the materializations with those storage ids, by partition."""
    return {
        made.partition: {name: value.value for name, value in made.metadata.items()}
        for _, made in materializations(instance, asset, events)
        if made.partition
    }


def materializations(
    instance: dg.DagsterInstance, asset: dg.AssetKey | str, events: Iterable[int]
) -> Iterator[tuple[int, dg.AssetMaterialization]]:
    """Those with these storage ids, each after its own."""
    key = dg.AssetKey.from_coercible(asset)
    wanted = [event for event in events if event]
    for start in range(0, len(wanted), PAGE):
        page = dg.AssetRecordsFilter(key, storage_ids=wanted[start : start + PAGE])
        for record in instance.fetch_materializations(page, limit=PAGE).records:
            if record.asset_materialization:
                yield record.storage_id, record.asset_materialization


def as_text(said: str) -> str:
    """A description as it is: the UI shows Markdown, and no name may bring in a picture."""
    return re.sub(r"([\\`*_\[\]<>&~])", r"\\\1", said)


def shown(image: Image.Image, what: str = "contact sheet") -> dg.MarkdownMetadataValue:
    """An image as metadata that the UI shows as a picture, once its link is followed."""
    return dg.MetadataValue.md(_markdown(image, what, "JPEG", quality=85))


def glimpses(**images: Image.Image) -> dict[str, dg.MarkdownMetadataValue]:
    """Small images of one size as metadata that the UI shows at once, by their names."""
    for side in range(256, 0, -16):
        small = {name: image.copy() for name, image in images.items()}
        for image in small.values():
            image.thumbnail((side, side))
        texts = {name: _markdown(image, name, "WEBP", quality=1) for name, image in small.items()}
        if all(len(text) < AT_ONCE for text in texts.values()):
            break
    return {name: dg.MetadataValue.md(text) for name, text in texts.items()}


def encoded(image: Image.Image, kind: str, *, quality: int = 85) -> bytes:
    """The image as a file of that kind, as Pillow names it."""
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def _markdown(image: Image.Image, what: str, kind: str, *, quality: int) -> str:
    data = base64.b64encode(encoded(image, kind, quality=quality)).decode()
    return f"![{what}](data:image/{kind.lower()};base64,{data})"
