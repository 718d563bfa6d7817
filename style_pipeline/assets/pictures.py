"""Pictures of an asset's work: contact sheets in the UI, PNG images in the store."""

import base64
import io
from collections.abc import Callable, Iterable, Iterator

import dagster as dg
from PIL import Image

from style_pipeline.media.images import to_image
from style_pipeline.media.source import Picture, VideoFormat
from style_pipeline.resources.stores import Store

Watch = Callable[[int, Picture], None]


def passing(pictures: Iterable[Picture], frames: range, *watches: Watch) -> Iterator[Picture]:
    """Let others look at the pictures of `frames`, with their numbers, as they pass."""
    for number, planes in zip(frames, pictures, strict=True):
        for watch in watches:
            watch(number, planes)
        yield planes


def keep(images: dict[int, Image.Image], wanted: Iterable[int], video: VideoFormat) -> Watch:
    """Keep the wanted frames as images, by number."""
    numbers = set(wanted)

    def watch(number: int, planes: Picture) -> None:
        if number in numbers:
            images[number] = to_image(planes, video)

    return watch


def export(store: Store, folder: str, video: VideoFormat) -> Watch:
    """Write every frame as a PNG image named by its number."""

    def watch(number: int, planes: Picture) -> None:
        store.write(f"{folder}/{number:06}.png", encoded(to_image(planes, video), "PNG"))

    return watch


def shown(image: Image.Image, what: str = "contact sheet") -> dg.MarkdownMetadataValue:
    """An image as metadata that the UI shows as a picture."""
    data = base64.b64encode(encoded(image, "JPEG")).decode()
    return dg.MetadataValue.md(f"![{what}](data:image/jpeg;base64,{data})")


def encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=85)
    return buffer.getvalue()
