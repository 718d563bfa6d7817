"""Values that change while a film runs: what `style.toml` says of them, and what they are when."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeGuard

from pipeline_kit.errors import PermanentError

MOST: Final = 1000
"""Keyframes of one film: the film itself tells all of them."""

Ramp = tuple[tuple[float, float], ...]
"""Times in seconds from a film's start, in order, and a number at each of them."""


class BadKeyframes(PermanentError):
    """Values cannot follow each other as is asked for."""


def timed(value: object, *, wanted: str) -> Iterator[tuple[int, float, object]]:
    """The number of each keyframe of ``[[0, "ink"], [9, "udnie"]]``, its time and its value.

    Raises `BadKeyframes`, without saying of what file; ``wanted`` ends that line.
    """
    if not is_list(value) or not value:
        raise BadKeyframes(f"{shown(value)} {wanted}")
    if len(value) > MOST:
        raise BadKeyframes(f"there are {len(value)} keyframes: at most {MOST} are taken")
    previous = 0.0
    for number, pair in enumerate(value, start=1):
        if not is_list(pair) or len(pair) != 2:
            raise BadKeyframes(f"keyframe {number}, {shown(pair)}, {wanted}")
        seconds, what = pair
        if not is_number(seconds) or not 0 <= seconds <= 1_000_000:
            raise BadKeyframes(f"keyframe {number} is at {shown(seconds)}: give seconds, from 0 on")
        if seconds < previous:
            raise BadKeyframes(
                f"keyframe {number} is at {seconds:g} s, before the one at {previous:g} s: "
                "put them in order"
            )
        previous = seconds
        yield number, float(seconds), what


def parse_ramp(value: object, *, least: float, most: float) -> Ramp:
    """``[[0, 0.2], [10, 1.0]]``. Raises `BadKeyframes`, without saying of what file."""
    wanted = "should be times and numbers, as [[0, 0.2], [10, 1.0]]"
    found = []
    for number, seconds, what in timed(value, wanted=wanted):
        if not is_number(what) or not least <= what <= most:
            raise BadKeyframes(
                f"keyframe {number} is {shown(what)}: it should be a number from {least:g} to "
                f"{most:g}"
            )
        found.append((seconds, float(what)))
    return tuple(found)


def check_within(times: Sequence[float], *, duration: float) -> None:
    """Raises `BadKeyframes` for a time beyond a film of so many seconds."""
    for number, seconds in enumerate(times, start=1):
        if seconds > duration:
            raise BadKeyframes(
                f"keyframe {number} is at {seconds:g} s, and the film ends after {duration:g} s"
            )


def around(times: Sequence[float], seconds: float) -> tuple[int, int, float]:
    """The places of the keyframes before and after a time, and how far it is on the way between.

    Of equal times the last one counts, as of a cut. It depends on nothing but its arguments, so
    that a film is the same however it is cut into chunks.
    """
    after = sum(time <= seconds for time in times)
    if after in (0, len(times)):
        place = max(0, after - 1)
        return place, place, 0.0
    start, end = times[after - 1], times[after]
    return after - 1, after, (seconds - start) / (end - start)


def number_at(value: float | Ramp, seconds: float) -> float:
    """A number at a time: linear between keyframes, and constant beyond them."""
    if not isinstance(value, tuple):
        return value
    before, after, share = around([time for time, _ in value], seconds)
    return (1 - share) * value[before][1] + share * value[after][1]


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def shown(value: object) -> str:
    """A value as an error shows it: short, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # Python shows no number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
