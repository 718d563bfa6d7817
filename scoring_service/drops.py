"""A film that somebody asks for: its video's name, style and settings, checked before anything is
uploaded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Final

from scoring_service.errors import Refused, too_large
from style_pipeline.intake.names import FOLDER
from style_pipeline.intake.videos import rejection
from style_pipeline.look.mixtures import Mixture
from style_pipeline.look.style_toml import (
    MAX_SETTINGS_BYTES,
    SETTINGS_FILE,
    BadSettings,
    parse_settings,
)
from style_pipeline.object_names import Video

HELD: Final = ".held"
"""Where a video lies in place of a style's folder, until it has one: the sensor leaves out what is
hidden."""


@dataclass(frozen=True)
class Drop:
    """A video that is to come."""

    video: Video
    size: int
    settings: str
    """What its `style.toml` says."""

    @property
    def settings_file(self) -> str:
        """Where that is: in the folder that the video has for itself."""
        return f"{self.video.source.rpartition('/')[0]}/{SETTINGS_FILE}"


def new_folder(today: date) -> str:
    """A folder that no other video has, so that names never meet and settings are of one film."""
    return f"{today.isoformat()}-{token_hex(4)}"


def check_drop(
    name: str,
    *,
    folder: str,
    style: str,
    settings: str,
    size: int,
    styles: Collection[str],
    most_bytes: int,
) -> Drop:
    """What is to be dropped into `folder` of a style. Raises `Refused`: 422; 413 by its size."""
    if "/" in name or name.startswith("."):
        raise Refused(422, "name: it should be that of a file, without a folder or a dot before it")
    video = Video(f"{style}/{folder}/{name}")
    if unfit := rejection(f"{FOLDER}/{video.key}", trained=styles):
        raise Refused(422, f"name: {unfit}")
    if not size:
        raise Refused(422, "size: the file is empty")
    if size > most_bytes:
        raise too_large(
            f"the video has {size / 1e9:.1f} GB: at most {most_bytes / 1e9:g} are taken"
        )
    for mixture in mixtures_in(settings, style=style):
        if unknown := sorted(mixture.keys() - {*styles}):
            raise Refused(422, f"{SETTINGS_FILE}: there is no style {unknown[0]!r}")
    return Drop(video, size, settings)


def hold(drop: Drop) -> Drop:
    """The same video, for a style that is chosen once it can be seen."""
    return Drop(Video(f"{HELD}/{drop.video.key.partition('/')[2]}"), drop.size, "")


def mixtures_in(settings: str, *, style: str) -> list[Mixture]:
    """All that the film will look like, one after the other. Raises `Refused` with 422."""
    data = settings.encode()
    if len(data) > MAX_SETTINGS_BYTES:
        raise Refused(422, f"{SETTINGS_FILE} has more than {MAX_SETTINGS_BYTES} bytes")
    try:
        parsed = parse_settings(data, name=SETTINGS_FILE)
    except BadSettings as error:
        raise Refused(422, error.advice()) from None
    if parsed.also is not None:  # films that nobody here would follow
        raise Refused(422, f"{SETTINGS_FILE}: also is not for films of the studio")
    return [keyframe.mixture for keyframe in parsed.keyframes(style)]
