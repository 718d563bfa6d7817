"""How a film is painted: the network, and the settings of a `style.toml` beside the videos."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import TypeGuard

SETTINGS_FILE = "style.toml"
MAX_SETTINGS_BYTES = 64 << 10

_CHOICES = {"damaged": ("refuse", "conceal")}
_ALLOWED = {
    "strength": "a number from 0 to 1",
    "preserve_colours": "true or false",
    **{name: " or ".join(f'"{choice}"' for choice in among) for name, among in _CHOICES.items()},
}

Settings = dict[str, float | bool | str]


class BadSettings(ValueError):
    """A setting of the look has a value that it cannot have."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one film is painted, decided once so that all its chunks agree."""

    style: str
    model_hash: str
    strength: float
    """0 leaves the source as it is, 1 is the style in full."""
    preserve_colours: bool
    """Only light and dark are painted."""
    current_style: str
    """What the video's folder stood for when this was decided; see `standing`."""

    @property
    def content_hash(self) -> str:
        """Names what is seen: chunks that differ in it do not belong in one film."""
        return _digest(self.style, self.model_hash, self.strength, self.preserve_colours)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Look":
        """Raises `ValueError` or `TypeError` for what `to_json` did not write."""
        return cls(**json.loads(data))


def settings_places(key: str) -> list[str]:
    """Where settings for the video of that key may lie in the media store, the nearest first."""
    folders = PurePosixPath("videos", key).parents
    return [f"{folder}/{SETTINGS_FILE}" for folder in folders if len(folder.parts) > 1]


def standing(model_hash: str, settings_etag: str | None) -> str:
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
    checked: Settings = {}
    for key, value in settings.items():
        if key not in _ALLOWED:
            known = ", ".join(_ALLOWED)
            raise BadSettings(f"{name}: there is no setting {_short(key)}: there are {known}")
        if isinstance(value, bool) and key == "preserve_colours":
            checked[key] = value
        elif _is_share(value) and key == "strength":
            checked[key] = float(value)
        elif isinstance(value, str) and value in _CHOICES.get(key, ()):
            checked[key] = value
        else:
            raise BadSettings(f"{name}: {key} = {_short(value)} should be {_ALLOWED[key]}")
    return checked


def _is_share(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _short(value: object) -> str:
    try:
        shown = repr(value)
    except ValueError:  # Python shows no number of more than 4300 digits
        return "a number of thousands of digits"
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _digest(*content: object) -> str:
    return blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
