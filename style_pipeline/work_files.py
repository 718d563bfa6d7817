"""What assets read from the stores, and what a person can do where it is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from pipeline_kit.errors import PermanentError
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, Superseded
from pipeline_kit.storage.store import Store
from style_pipeline.intake.paintings import FOLDER, rejection, style_key, styles_with_painting
from style_pipeline.intake.settings_files import read_settings
from style_pipeline.look.look import Look
from style_pipeline.look.style_toml import Reading, settings_places
from style_pipeline.media.frame_index import FrameIndex, read_index
from style_pipeline.object_names import Style, Video
from style_pipeline.partitions import MAX_CHUNKS
from style_pipeline.resources.material import CannotTrain
from style_pipeline.resources.models import trained_styles


class UnreadableWork(PermanentError):
    """What another asset left is not what this version reads."""


class LookChanged(Superseded):
    """A video's look was decided again while a chunk was stylized as before."""

    speaks = True


def source_of(media: Store, ops: Store, video: Video) -> str:
    """The dropped file: in the folder of its style or, where a `style.toml` has it made in this
    style, too, in that of another. Raises `BadSettings`."""
    if not _is_there(media, video.source):
        for style in sorted({*trained_styles(ops), *styles_with_painting(media.list(FOLDER))}):
            other = video.in_style(style)
            if other != video and _is_there(media, other.source):
                file = nearest_settings(media, other)
                if file and video.style in (read_settings(media, file).also or ()):
                    return other.source
    return video.source


def _is_there(media: Store, name: str) -> bool:
    try:
        return bool(media.head(name))
    except ObjectNotFound:
        return False


def fetch_source(
    media: Store, ops: Store, video: Video, folder: Path, *, upload: str | None = None
) -> tuple[Path, StoredObject]:
    """The dropped file. Raises `Superseded` where it is not the version that `upload` names."""
    # In a folder of its own: people give their files any name, also one of ours.
    path = folder / "dropped" / video.filename
    path.parent.mkdir()
    with otherwise("drop the file there"):
        return path, media.download(source_of(media, ops, video), path, etag=upload)


def fetch_index(ops: Store, video: Video, folder: Path) -> FrameIndex:
    """The video's frame index."""
    path = folder / "frames.parquet"
    with otherwise("materialize frames of this video first"):
        ops.download(video.index, path)
    try:
        return read_index(path)
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableWork(
            f"{ops.location(video.index)} is damaged or of another version: "
            "materialize frames of this video again"
        ) from error


def fetch_look(ops: Store, video: Video) -> Look:
    """How the video is stylized."""
    with otherwise("materialize look of this video first"):
        data = ops.read(video.look)
    try:
        return Look.from_json(data)
    except (TypeError, ValueError) as error:
        raise UnreadableWork(
            f"{ops.location(video.look)} is damaged or of another version: "
            "materialize look of this video again"
        ) from error


def check_look(ops: Store, video: Video, look: Look) -> None:
    """Raises `LookChanged` where another look was decided meanwhile, which has its own chunks."""
    if fetch_look(ops, video).content_hash != look.content_hash:
        raise LookChanged(f"the look of {video.key} was decided again meanwhile: this is too late")


def fetch_audio(ops: Store, video: Video, folder: Path, *, extension: str) -> Path:
    """The video's audio tracks."""
    path = folder / f"audio.{extension}"
    with otherwise("materialize audio of this video first"):
        ops.download(video.audio(extension), path)
    return path


def fetch_segments(
    ops: Store, video: Video, index: FrameIndex, folder: Path
) -> list[tuple[Path, range]]:
    """The segments of all chunks that have frames, and which frames each should hold."""
    segments = []
    for slot, chunk in enumerate(index.chunks):
        if chunk:
            path = folder / f"{slot:03}.mp4"
            # A slot is gone where fewer chunks are allowed by now.
            again = f"backfill chunk {slot:03} of styled_frames"
            with otherwise(again if slot < MAX_CHUNKS else "materialize frames again"):
                ops.download(video.segment(slot), path)
            segments.append((path, chunk))
    return segments


def nearest_settings(media: Store, video: Video) -> StoredObject | None:
    """The `style.toml` in the video's folder, or in the next one above that has any."""
    for name in settings_places(video.key):
        try:
            return media.head(name)
        except ObjectNotFound:
            continue
    return None


def how_to_read(media: Store, video: Video) -> Reading:
    """What the nearest `style.toml` says of how the video is decoded. Raises `BadSettings`."""
    file = nearest_settings(media, video)
    return read_settings(media, file).reading if file else Reading()


def fetch_painting(
    media: Store, style: Style, folder: Path, *, upload: str | None
) -> tuple[Path, StoredObject]:
    """The dropped painting, or network.

    Raises `Superseded` where it is not the version that `upload` names.
    """
    dropped = [
        found
        for found in media.list(FOLDER)
        if not rejection(found.name) and style_key(found.name) == style.name
    ]
    if not dropped:
        place = media.location(f"{FOLDER}/{style.name}")
        raise ObjectNotFound(f"there is no {place}.jpg, .png or .webp: drop the painting there")
    chosen = [found for found in dropped if upload in (None, found.etag)]
    if not chosen:
        raise Superseded(f"{media.location(dropped[0].name)} was replaced since it was listed")
    if len(chosen) > 1:
        names = ", ".join(found.name for found in chosen)
        raise CannotTrain(f"there are several files for it, {names}: delete all but one")
    # In a folder of its own: people give their files any name, also one of ours.
    path = folder / "dropped" / PurePosixPath(chosen[0].name).name
    path.parent.mkdir()
    return path, media.download(chosen[0].name, path, etag=chosen[0].etag)


@contextmanager
def otherwise(remedy: str) -> Iterator[None]:
    """Say what a person can do about an object that is not there."""
    try:
        yield
    except ObjectNotFound as error:
        raise ObjectNotFound(f"{error}: {remedy}") from error
