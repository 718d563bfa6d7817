"""Whether frames come at times that a film can have."""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

from style_pipeline.media.limits import MAX_FRAMES, MAX_HOURS, MAX_STILL_SECONDS


def wrong_time(number: int, pts: int, before: int, first: int, *, tick: Fraction) -> str:
    """What is wrong with the PTS of a frame, by those of the one before and the first, or ""."""
    still, film = (pts - before) * tick, (pts - first) * tick
    if still <= 0:
        return f"frame {number} is not later than the one before it (PTS {pts} after {before})"
    if still > MAX_STILL_SECONDS:
        return (
            f"frame {number} comes {float(still) / 3600:.1f} h after the one before it: "
            f"at most {MAX_STILL_SECONDS / 3600:.0f} h is taken"
        )
    if film > MAX_HOURS * 3600 or number >= MAX_FRAMES:
        return f"it has more than {MAX_HOURS} h or {MAX_FRAMES:,} frames: cut it into parts"
    return ""


def in_order(times: Sequence[int], *, tick: Fraction) -> list[int]:
    """Places of as many times as there are of which each is later than the one before.

    A single time that is far ahead costs that one frame and not all those after it. Of parts that
    are too far from each other the largest one is taken.
    """
    parts: list[list[int]] = [[]]
    for place in _increasing(times):
        last = parts[-1][-1] if parts[-1] else place
        if (times[place] - times[last]) * tick > MAX_STILL_SECONDS:
            parts.append([])
        parts[-1].append(place)
    return max(parts, key=len)


def _increasing(times: Sequence[int]) -> list[int]:
    """The longest increasing subsequence (Schensted 1961)."""
    ends: list[int] = []
    """Places at which sequences of each length end the earliest."""
    before: list[int] = []
    """The place before each in such a sequence, or -1."""
    for place, time in enumerate(times):
        length = bisect_left(ends, time, key=times.__getitem__)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [place]
    found = []
    place = ends[-1] if ends else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]
