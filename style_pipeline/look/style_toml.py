"""The settings of a `style.toml` beside the videos."""

import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

from pipeline_kit.errors import PermanentError
from style_pipeline.look.keyframes import BadKeyframes, Ramp, shown
from style_pipeline.look.mixtures import Keyframe, Mixture
from style_pipeline.look.setting_values import CHECKS
from style_pipeline.media.cut import WHOLE, Cut
from style_pipeline.media.resizing import Size

SETTINGS_FILE = "style.toml"
MAX_SETTINGS_BYTES = 64 << 10


class BadSettings(PermanentError):
    """A setting of the look has a value that it cannot have."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a video is decoded, as its `style.toml` says."""

    conceal: bool = False
    """What is damaged is taken as its decoder makes it up."""
    deinterlace: bool = True
    cut: Cut = WHOLE
    """The part of it that is taken."""

    def __str__(self) -> str:
        """What is not as usual, or nothing."""
        said = (
            "damage concealed" if self.conceal else "",
            "" if self.deinterlace else "interlaced kept",
            str(self.cut),
        )
        return ", ".join(filter(None, said))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a `style.toml`, or the config of a run, says; None where it says nothing."""

    strength: float | Ramp | None = None
    preserve_colours: bool | None = None
    strokes: float | None = None
    quality: str | None = None
    """Of which body: `standard` or `fine`."""
    blend: Mixture | None = None
    style: tuple[Keyframe, ...] | None = None
    damaged: str | None = None
    """Whether what cannot be decoded has the video refused, or is taken as it comes out."""
    interlaced: str | None = None
    """Whether interlaced pictures are deinterlaced, or kept as they are."""
    codec: str | None = None
    """What the film is encoded with: `h264`, `hevc` or `av1`."""
    bits: int | None = None
    """Of the film's samples, 8 or 10."""
    hdr: str | None = None
    """Whether HDR is tone-mapped to SDR, or kept."""
    size: Size | Fraction | None = None
    """Of the film: width and height in pixels, or a share of the video's."""
    start: Fraction | None = None
    """`from`: seconds of the video at which the film begins."""
    end: Fraction | None = None
    """`to`: the same of its end."""
    also: tuple[str, ...] | None = None
    """Further styles that films are made in."""

    @property
    def reading(self) -> "Reading":
        """What of it changes what is decoded."""
        return Reading(
            conceal=self.damaged == "conceal",
            deinterlace=self.interlaced != "keep",
            cut=Cut(self.start or Fraction(0), self.end),
        )

    def changed_by(self, other: "Settings") -> "Settings":
        """These, but for what ``other`` says."""
        said = {name: value for name, value in vars(other).items() if value is not None}
        return replace(self, **said)

    def keyframes(self, style: str) -> tuple[Keyframe, ...]:
        """What a film in the folder of ``style`` looks like, over time."""
        return self.style or (Keyframe(0.0, self.blend or {style: 1.0}),)


def settings_places(key: str) -> list[str]:
    """Where settings for the video of that key may lie in the media store, the nearest first."""
    folders = PurePosixPath("videos", key).parents
    return [f"{folder}/{SETTINGS_FILE}" for folder in folders if len(folder.parts) > 1]


def nearest(key: str, names: Container[str]) -> str:
    """Which of the objects of these names has the settings for the video of that key, or none."""
    return next((place for place in settings_places(key) if place in names), "")


def parse_settings(data: bytes, *, name: str) -> Settings:
    """The settings that the file `name` makes. Raises `BadSettings` with one line."""
    try:
        settings = tomllib.loads(data.decode("utf-8-sig"))  # as some editors begin a file
    except (ValueError, RecursionError) as error:
        raise BadSettings(f"{name} is not TOML: {error}") from None
    return check_settings(settings, name=name)


def check_settings(settings: Mapping[str, object], *, name: str) -> Settings:
    """Settings that `name` makes, each one known and allowed. Raises `BadSettings`."""
    checked: dict[str, Any] = {}
    for key, value in settings.items():
        if key not in CHECKS:
            known = ", ".join(CHECKS)
            raise BadSettings(f"{name}: there is no setting {shown(key)}: there are {known}")
        try:
            checked[_FIELDS.get(key, key)] = CHECKS[key](value)
        except BadKeyframes as error:
            raise BadSettings(f"{name}: {key}: {error}") from None
        except ValueError as error:
            raise BadSettings(f"{name}: {key} = {shown(value)} should be {error}") from None
    if "blend" in checked and "style" in checked:
        raise BadSettings(f"{name}: blend and style exclude each other: put mixtures into style")
    if "end" in checked and checked["end"] <= checked.get("start", 0):
        start, end = (shown(settings.get(key, 0)) for key in ("from", "to"))
        raise BadSettings(f"{name}: to = {end} should be later than from = {start}")
    return Settings(**checked)


_FIELDS = {"from": "start", "to": "end"}
"""Names that Python has for something else."""
