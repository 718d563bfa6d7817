"""Lengths of time as people say them."""

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `2 h 5 min`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def in_seconds(text: str) -> int:
    """Of `90s`, `45m`, `12h`, `30d` or `6w`. Raises `ValueError`."""
    found = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if not found:
        raise ValueError(f"{text!r} should be a number and a unit, s, m, h, d or w, as 30d")
    return int(found[1]) * _SECONDS[found[2]]
