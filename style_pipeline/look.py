"""How a film is stylized: its styles, and the settings of a `style.toml` beside the videos."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any, Final

from pipeline_kit.errors import PermanentError
from style_pipeline.mixtures import (
    BadMixture,
    Keyframe,
    Mixture,
    mixture_at,
    parse_blend,
    parse_keyframes,
    shown,
)

SETTINGS_FILE = "style.toml"
MAX_SETTINGS_BYTES = 64 << 10
LARGEST: Final = 8.0
"""Strokes, times what the film's size gives."""


class BadSettings(PermanentError):
    """A setting of the look has a value that it cannot have."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a video is decoded, as its `style.toml` says."""

    conceal: bool = False
    """What is damaged is taken as its decoder makes it up."""
    deinterlace: bool = True

    def __str__(self) -> str:
        """What is not as usual, or nothing."""
        said = (
            "damage concealed" if self.conceal else "",
            "" if self.deinterlace else "interlaced kept",
        )
        return ", ".join(filter(None, said))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a `style.toml`, or the config of a run, says; None where it says nothing."""

    strength: float | None = None
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

    @property
    def reading(self) -> "Reading":
        """What of it changes what is decoded."""
        return Reading(conceal=self.damaged == "conceal", deinterlace=self.interlaced != "keep")

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
    strength: float
    """0 leaves the source as it is, 1 is the style in full."""
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

    @property
    def metadata(self) -> dict[str, str | float | bool]:
        """What the UI shows of it beside a chunk or a film."""
        names = ("style", "model_hash", "strength", "preserve_colours")
        return {name: getattr(self, name) for name in names}

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Look":
        """Raises `ValueError` or `TypeError` for what `to_json` did not write, in this version or
        one before it."""
        written = json.loads(data)
        keyframes = tuple(Keyframe(**each) for each in written.pop("keyframes", ()))
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
        if key not in _CHECKS:
            known = ", ".join(_CHECKS)
            raise BadSettings(f"{name}: there is no setting {shown(key)}: there are {known}")
        try:
            checked[key] = _CHECKS[key](value)
        except BadMixture as error:
            raise BadSettings(f"{name}: {key}: {error}") from None
        except ValueError as error:
            raise BadSettings(f"{name}: {key} = {shown(value)} should be {error}") from None
    if "blend" in checked and "style" in checked:
        raise BadSettings(f"{name}: blend and style exclude each other: put mixtures into style")
    return Settings(**checked)


def _share(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError("a number from 0 to 1")


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _strokes(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LARGEST:
        return float(value)
    raise ValueError(f"a number above 0, up to {LARGEST:g}")


def _bits(value: object) -> int:
    if isinstance(value, int) and value in (8, 10):
        return value
    raise ValueError("8 or 10")


def _choice(*among: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if isinstance(value, str) and value in among:
            return value
        raise ValueError(" or ".join(f'"{choice}"' for choice in among))

    return check


_CHECKS: Final[Mapping[str, Callable[[object], object]]] = {
    "strength": _share,
    "preserve_colours": _truth,
    "strokes": _strokes,
    "blend": parse_blend,
    "style": parse_keyframes,
    "damaged": _choice("refuse", "conceal"),
    "interlaced": _choice("deinterlace", "keep"),
    "codec": _choice("h264", "hevc", "av1"),
    "bits": _bits,
    "hdr": _choice("tone-map", "keep"),
}
"""What each setting becomes; a `ValueError` says what it should be."""


def _digest(*content: object) -> str:
    return blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
