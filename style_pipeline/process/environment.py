"""Environment variables that set the project up; each has a default that works locally."""

import os
from collections.abc import Sequence

PREFIX = "STYLE_PIPELINE_"

asked_for: set[str] = set()
"""Names of all settings, without the prefix, that something of this process looked at."""


class BadSetting(ValueError):
    """An environment variable has a value that it cannot have."""


def setting(name: str, default: str) -> str:
    """The value of `STYLE_PIPELINE_<name>`; where it is empty or not set, the default."""
    asked_for.add(name)
    return os.environ.get(PREFIX + name) or default


def choice(name: str, default: str, *, among: Sequence[str]) -> str:
    """A setting that is one of a few words. Raises `BadSetting`."""
    value = setting(name, default)
    if value not in among:
        raise BadSetting(f"{PREFIX}{name}={value!r} should be one of {', '.join(among)}")
    return value


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    """A setting that is a whole number from `least` to `most`. Raises `BadSetting`."""
    value = setting(name, str(default))
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        wanted = f"a whole number from {least} to {most}"
        raise BadSetting(f"{PREFIX}{name}={value!r} should be {wanted}")
    return number


def amount(name: str, *, most: int) -> float | None:
    """A setting that is a number from 0 to `most`, or is not set. Raises `BadSetting`."""
    if not (value := setting(name, "")):
        return None
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        raise BadSetting(f"{PREFIX}{name}={value!r} should be a number from 0 to {most}")
    return number
