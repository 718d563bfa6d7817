"""What the values of a `style.toml` become, each by itself."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, TypeGuard

from style_pipeline.look.keyframes import Ramp, is_list, is_number, parse_ramp, shown
from style_pipeline.look.mixtures import parse_blend, parse_keyframes
from style_pipeline.media.limits import MAX_HOURS
from style_pipeline.media.resizing import LARGEST_SIDE, LEAST_SIDE, Size
from style_pipeline.styles import FINE, STANDARD

LARGEST_STROKES: Final = 8.0
"""Times what the film's size gives."""
MOST_PERCENT: Final = 400


def parse_seconds(value: object) -> Fraction:
    """Of seconds, as ``12.5``, or of ``"M:SS"`` or ``"H:MM:SS"``; exact. Raises `ValueError`."""
    text = shown(value) if is_number(value) else value
    if isinstance(text, str) and re.fullmatch(r"(\d+:){0,2}\d{1,9}(\.\d{1,9})?", text, re.ASCII):
        parts = [Fraction(part) for part in text.split(":")]
        seconds = sum((part * 60**power for power, part in enumerate(reversed(parts))), Fraction(0))
        if seconds <= MAX_HOURS * 3600 and all(part < 60 for part in parts[1:]):
            return seconds
    raise ValueError(f"seconds, or M:SS, as 42 or 0:42, up to {MAX_HOURS} h")


def parse_size(value: object) -> Size | Fraction:
    """Of ``"1280x720"``, or ``"50%"`` of the video's. Raises `ValueError`."""
    if isinstance(value, str):
        if pixels := re.fullmatch(r"(\d{1,5})x(\d{1,5})", value, re.ASCII):
            width, height = int(pixels[1]), int(pixels[2])
            if min(width, height) >= LEAST_SIDE and max(width, height) <= LARGEST_SIDE:
                return width, height
        share = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)%", value, re.ASCII)
        if share and 0 < Fraction(share[1]) <= MOST_PERCENT:
            return Fraction(share[1]) / 100
    raise ValueError(
        f'a size, as "1280x720", of {LEAST_SIDE} to {LARGEST_SIDE} pixels a side, or "50%", up to '
        f'"{MOST_PERCENT}%"'
    )


def _strength(value: object) -> float | Ramp:
    if is_list(value):
        return parse_ramp(value, least=0, most=1)
    if is_number(value) and 0 <= value <= 1:
        return float(value)
    raise ValueError("a number from 0 to 1, or numbers over time, as [[0, 0.2], [10, 1.0]]")


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _strokes(value: object) -> float:
    if is_number(value) and 0 < value <= LARGEST_STROKES:
        return float(value)
    raise ValueError(f"a number above 0, up to {LARGEST_STROKES:g}")


def _bits(value: object) -> int:
    if isinstance(value, int) and value in (8, 10):
        return value
    raise ValueError("8 or 10")


def _styles(value: object) -> tuple[str, ...]:
    if is_list(value) and len(value) <= 100:
        styles = dict.fromkeys(style for style in value if _may_be_style(style))
        if len(styles) == len(value):
            return tuple(styles)
    raise ValueError('different styles, as ["ink", "great-wave"]')


def _may_be_style(value: object) -> TypeGuard[str]:
    """Whether a folder directly in `videos/`, which is not hidden, can be called so."""
    if not isinstance(value, str) or value != value.strip():
        return False
    return re.fullmatch(r"[^./][^/]*", value) is not None


def _choice(*among: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if isinstance(value, str) and value in among:
            return value
        raise ValueError(" or ".join(f'"{choice}"' for choice in among))

    return check


CHECKS: Final[Mapping[str, Callable[[object], object]]] = {
    "strength": _strength,
    "preserve_colours": _truth,
    "strokes": _strokes,
    "quality": _choice(STANDARD, FINE),
    "blend": parse_blend,
    "style": parse_keyframes,
    "damaged": _choice("refuse", "conceal"),
    "interlaced": _choice("deinterlace", "keep"),
    "codec": _choice("h264", "hevc", "av1"),
    "bits": _bits,
    "hdr": _choice("tone-map", "keep"),
    "size": parse_size,
    "from": parse_seconds,
    "to": parse_seconds,
    "also": _styles,
}
"""What each setting becomes; a `ValueError` says what it should be."""
