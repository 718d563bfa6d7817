"""What styles are trained with, fetched from where it lies: photographs, and weights of VGG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pipeline_kit.errors import UnusableInput
from pipeline_kit.storage.objects import ObjectNotFound, StoreUnavailable, Superseded
from pipeline_kit.storage.store import Store
from style_pipeline.intake.names import FOLDER as VIDEOS
from style_pipeline.intake.names import may_be_video
from style_pipeline.media.content_frames import content_frames
from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.still_pictures import is_still_picture
from style_pipeline.resources.stylizer import CannotStylize

if TYPE_CHECKING:
    from torch import Tensor

    from style_pipeline.training.perceptual import PerceptualNetwork

MOST_VIDEOS = 30
MOST_VIDEO_BYTES = 1 << 29
MOST_PHOTOGRAPH_BYTES = 1 << 26
FRAMES = 180
"""Taken from all videos together, and at most `MOST_FRAMES` of one."""
MOST_FRAMES = 30

Warn = Callable[[str], None]


class CannotTrain(CannotStylize):
    """The painting, the photographs or the weights cannot be used; the message says what to do."""


class UnusablePainting(CannotTrain, UnusableInput):
    """The fault is the painting's, and the person's who dropped it."""


def fetch_photographs(
    where: str, *, media: Store, ops: Store, folder: Path, warn: Warn
) -> tuple[dict[str, Tensor], str]:
    """Pictures by name, and where they are from: a folder or prefix, or the videos dropped.

    Raises `CannotTrain` where there are none; what cannot be used is left out with a warning.
    """
    from style_pipeline.training.photographs import (
        load_photographs,
        spread,
    )

    if not where:
        return _frames(media, folder, warn)
    store = near(where, media, ops)
    names = [
        found.name
        for found in store.list()
        if is_still_picture(found.name) and found.size <= MOST_PHOTOGRAPH_BYTES
    ]
    found = load_photographs(_fetched(store, spread(names), folder), warn=warn)
    if not found:
        raise CannotTrain(
            f"there is no photograph that can be used in {store.location('')}: put some "
            "hundred there, or set STYLE_PIPELINE_PHOTOGRAPHS to where they are"
        )
    return found, store.location("")


def _frames(media: Store, folder: Path, warn: Warn) -> tuple[dict[str, Tensor], str]:
    from style_pipeline.training.painting import is_flat, to_tensor
    from style_pipeline.training.photographs import LONGEST_SIDE

    small = [v for v in media.list(VIDEOS) if may_be_video(v) and v.size <= MOST_VIDEO_BYTES]
    videos = sorted(small, key=lambda video: video.size)[:MOST_VIDEOS]
    each = min(MOST_FRAMES, -(-FRAMES // max(1, len(videos))))
    found: dict[str, Tensor] = {}
    used = 0
    for path in _fetched(media, [video.name for video in videos], folder):
        try:
            images = sandboxed(content_frames, path, each, longest=LONGEST_SIDE)
        except UnreadableVideo as error:
            warn(f"no frames taken to learn from: {error}")
            continue
        pictures = [to_tensor(image) for image in images if min(image.size) >= 64]
        useful = [pixels for pixels in pictures if not is_flat(pixels)]
        found |= {f"{path.name} {n}": pixels for n, pixels in enumerate(useful)}
        used += bool(useful)
    if not found:
        raise CannotTrain(
            "there is nothing to learn from: set STYLE_PIPELINE_PHOTOGRAPHS to a folder of "
            f"photographs, or drop videos into {media.location(VIDEOS)}"
        )
    return found, f"frames of {used} videos"


def fetch_perceptual(where: str, *, media: Store, ops: Store, folder: Path) -> PerceptualNetwork:
    """VGG from a file, folder or prefix; or, as torchvision names it, downloaded.

    Raises `CannotTrain` where it is none, `StoreError` where the download failed.
    """
    from style_pipeline.training.perceptual_weights import (
        SUFFIXES,
        TORCHVISION,
        BadWeights,
        NoDownload,
        load_perceptual,
        read_networks,
    )

    try:
        if where in ("", "torchvision", *TORCHVISION):
            return load_perceptual(where or "torchvision")
        if where.endswith(SUFFIXES):
            parent, _, name = _url(where).rpartition("/")
            store, names = near(parent, media, ops), [unquote(name)]
        else:
            store = near(where, media, ops)
            names = [found.name for found in store.list() if found.name.endswith(SUFFIXES)]
        place = folder / "weights"
        place.mkdir(exist_ok=True)
        paths = [place / PurePosixPath(name).name for name in names]
        for name, path in zip(names, paths, strict=True):
            store.download(name, path)
        return read_networks(paths)
    except NoDownload as error:
        setting = "in STYLE_PIPELINE_PERCEPTUAL_WEIGHTS"
        raise StoreUnavailable(f"{error} {setting}") from error
    except Superseded as error:  # which, said of a painting, would end the training quietly
        raise StoreUnavailable(str(error)) from error
    except (BadWeights, ObjectNotFound) as error:
        raise CannotTrain(f"STYLE_PIPELINE_PERCEPTUAL_WEIGHTS={where}: {error}") from error


def near(url: str, *stores: Store) -> Store:
    """A store for `url`: entered as that of `stores` in whose folder or container it lies."""
    url = _url(url)
    for store in stores:
        if f"{url}/".startswith(f"{_url(store.url)}/"):
            return store.at(url)
    return Store(url=url)


def _url(place: str) -> str:
    """A path is the folder of that name."""
    return (place if "://" in place else Path(place).absolute().as_uri()).rstrip("/")


def _fetched(store: Store, names: list[str], folder: Path) -> Iterator[Path]:
    """Objects as files, one at a time; their names begin with a number that makes them unique.

    What is deleted or replaced meanwhile is left out.
    """
    for number, name in enumerate(names):
        path = folder / f"{number:03} {PurePosixPath(name).name[-60:]}"
        try:
            store.download(name, path)
        except (ObjectNotFound, Superseded):
            continue
        yield path
        path.unlink()
