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

AT_ONCE = 1000
"""Characters of Markdown from which on the UI hides it behind a link."""


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
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def _markdown(image: Image.Image, what: str, kind: str, *, quality: int) -> str:
    data = base64.b64encode(encoded(image, kind, quality=quality)).decode()
    return f"![{what}](data:image/{kind.lower()};base64,{data})"
