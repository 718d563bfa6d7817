"""Styles that are mixed, and that change while a film runs: what `style.toml` says of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from style_pipeline.look.keyframes import BadKeyframes, around, is_number, shown, timed

Mixture = dict[str, float]
"""Shares by style, which add up to 1."""


class BadMixture(BadKeyframes):
    """Styles cannot be mixed as is asked for."""


@dataclass(frozen=True)
class Keyframe:
    """What a film looks like at a time, in seconds from its start."""

    seconds: float
    mixture: Mixture


def parse_blend(value: object) -> Mixture:
    """``{ ink = 0.4, starry-night = 0.6 }``. Raises `BadMixture`, without saying of what file."""
    if not isinstance(value, Mapping) or not value:
        raise BadMixture(f"{shown(value)} should be shares by style, as {{ ink = 0.4, ... }}")
    for style, share in value.items():
        if not is_number(share) or not 0 <= share <= 1_000_000:
            raise BadMixture(f"the share of {style!r} is {shown(share)}: it should be 0 or more")
    total = sum(value.values())
    if total <= 0:
        raise BadMixture("all shares are 0: give one style more")
    return {style: share / total for style, share in value.items() if share > 0}


def parse_keyframes(value: object) -> tuple[Keyframe, ...]:
    """``[[0, "ink"], [12, "starry-night"]]``, where mixtures may stand for styles.

    Raises `BadKeyframes`, without saying of what file.
    """
    wanted = 'should be times and styles, as [[0, "ink"], [12, "starry-night"]]'
    return tuple(
        Keyframe(seconds, {style: 1.0} if isinstance(style, str) else parse_blend(style))
        for _, seconds, style in timed(value, wanted=wanted)
    )


def styles_of(keyframes: Sequence[Keyframe]) -> list[str]:
    """All that take part, sorted."""
    return sorted({style for keyframe in keyframes for style in keyframe.mixture})


def mixture_at(keyframes: Sequence[Keyframe], seconds: float) -> Mixture:
    """What a film looks like at a time: linear between keyframes, and a cut at equal times."""
    before, after, share = around([each.seconds for each in keyframes], seconds)
    start, end = keyframes[before].mixture, keyframes[after].mixture
    return start if before == after else dict(_between(start, end, share))


def _between(start: Mixture, end: Mixture, share: float) -> Iterator[tuple[str, float]]:
    for style in sorted(start.keys() | end.keys()):
        yield style, (1 - share) * start.get(style, 0.0) + share * end.get(style, 0.0)
