"""How a film is stylized: its styles, and the settings of a `style.toml` beside the videos."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any

from pipeline_kit.errors import PermanentError
from style_pipeline.keyframes import BadKeyframes, Ramp, number_at, shown
from style_pipeline.media.cut import WHOLE, Cut
from style_pipeline.media.resizing import Size
from style_pipeline.mixtures import Keyframe, Mixture, mixture_at
from style_pipeline.setting_values import CHECKS

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


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one film is stylized, decided once so that all its chunks agree."""

    style: str
    """The folder's."""
    model_hash: str
    """The folder's style's."""
    strength: float | Ramp
    """0 leaves the source as it is, 1 is the style in full; a number, or one over time."""
    preserve_colours: bool
    """Only light and dark are stylized."""
    current_style: str
    """What the video's folder stood for when this was decided; see `version_of`."""
    keyframes: tuple[Keyframe, ...] = ()
    """What the film looks like over time; with none, as ``style`` all the time."""
    models: dict[str, str] = field(default_factory=dict)
    """The hashes of the styles of all keyframes."""
    reduction: float = 1.0
    """How much smaller frames are stylized, so that strokes are larger."""
    codec: str = "h264"
    bits: int = 8
    """Of the film's samples."""
    keeps_hdr: bool = False
    size: Size | None = None
    """Of the film, where it is not the video's."""

    @property
    def content_hash(self) -> str:
        """Names what is seen: chunks that differ in it do not belong in one film."""
        further: tuple[object, ...] = ()
        if self.keyframes:
            further += ([asdict(keyframe) for keyframe in self.keyframes], self.models)
        if self.reduction != 1:
            further += (self.reduction,)
        if encoded := self.encoded_as:
            further += (encoded,)
        if self.size:
            further += (self.size,)
        return _digest(self.style, self.model_hash, self.strength, self.preserve_colours, *further)

    @property
    def encoded_as(self) -> str:
        """What of the film's encoding is not as usual."""
        usual = (self.codec, self.bits, self.keeps_hdr) == ("h264", 8, False)
        kept = ", HDR kept" if self.keeps_hdr else ""
        return "" if usual else f"{self.codec}, {self.bits} bits{kept}"

    @property
    def hashes(self) -> dict[str, str]:
        """Of the models of all styles that take part, by style."""
        return self.models or {self.style: self.model_hash}

    def mixture_at(self, seconds: float) -> Mixture:
        """What the film looks like at a time."""
        return mixture_at(self.keyframes, seconds) if self.keyframes else {self.style: 1.0}

    def strength_at(self, seconds: float) -> float:
        """How strong the style is at a time."""
        return number_at(self.strength, seconds)

    @property
    def metadata(self) -> dict[str, str | float | bool]:
        """What the UI shows of it beside a chunk or a film."""
        strength: str | float
        if isinstance(self.strength, tuple):
            strength = ", ".join(f"{value:g} at {seconds:g} s" for seconds, value in self.strength)
        else:
            strength = self.strength
        return {
            "style": self.style,
            "model_hash": self.model_hash,
            "strength": strength,
            "preserve_colours": self.preserve_colours,
            **({"size": "{}x{}".format(*self.size)} if self.size else {}),
        }

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Look":
        """Raises `ValueError` or `TypeError` for what `to_json` did not write, in this version or
        one before it."""
        written = json.loads(data)
        keyframes = tuple(Keyframe(**each) for each in written.pop("keyframes", ()))
        if isinstance(written.get("strength"), list):
            written["strength"] = tuple(map(tuple, written["strength"]))
        if size := written.pop("size", None):
            written["size"] = tuple(size)
        return cls(**written, keyframes=keyframes)


def settings_places(key: str) -> list[str]:
    """Where settings for the video of that key may lie in the media store, the nearest first."""
    folders = PurePosixPath("videos", key).parents
    return [f"{folder}/{SETTINGS_FILE}" for folder in folders if len(folder.parts) > 1]


def version_of(model_hash: str, settings_etag: str | None) -> str:
    """What a folder stands for: changes with the style's network and the nearest settings."""
    return _digest(model_hash, settings_etag)


def parse_settings(data: bytes, *, name: str) -> Settings:
    """The settings that the file `name` makes. Raises `BadSettings` with one line."""
    try:
        settings = tomllib.loads(data.decode())
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


def _digest(*content: object) -> str:
    return blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
