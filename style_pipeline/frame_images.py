"""Images of frames as they pass: kept for a contact sheet, or exported as PNG."""

from collections.abc import Callable, Iterable, Iterator

from PIL import Image

from pipeline_kit.orchestration.metadata import encoded
from pipeline_kit.storage.store import Store
from style_pipeline.media.images import to_image
from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat

Watch = Callable[[int, Picture], None]


def passing(pictures: Iterable[Picture], frames: range, *watches: Watch) -> Iterator[Picture]:
    """Hand the pictures of `frames` and their numbers to the watches as they pass."""
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
