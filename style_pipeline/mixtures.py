"""Styles that are mixed, and that change while a film runs: what `style.toml` says of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline_kit.errors import PermanentError

Mixture = dict[str, float]
"""Shares by style, which add up to 1."""


class BadMixture(PermanentError):
    """Styles cannot be mixed, or follow each other, as is asked for."""


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
        if not _is_number(share) or not 0 <= share <= 1_000_000:
            raise BadMixture(f"the share of {style!r} is {shown(share)}: it should be 0 or more")
    total = sum(value.values())
    if total <= 0:
        raise BadMixture("all shares are 0: give one style more")
    return {style: share / total for style, share in value.items() if share > 0}


def parse_keyframes(value: object) -> tuple[Keyframe, ...]:
    """``[[0, "ink"], [12, "starry-night"]]``, where mixtures may stand for styles.

    Raises `BadMixture`, without saying of what file.
    """
    wanted = 'should be times and styles, as [[0, "ink"], [12, "starry-night"]]'
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise BadMixture(f"{shown(value)} {wanted}")
    keyframes = []
    for number, pair in enumerate(value, start=1):
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise BadMixture(f"keyframe {number}, {shown(pair)}, {wanted}")
        seconds, style = pair
        if not _is_number(seconds) or not 0 <= seconds <= 1_000_000:
            raise BadMixture(f"keyframe {number} is at {shown(seconds)}: give seconds, from 0 on")
        if keyframes and seconds < keyframes[-1].seconds:
            raise BadMixture(
                f"keyframe {number} is at {seconds:g} s, before the one at "
                f"{keyframes[-1].seconds:g} s: put them in order"
            )
        mixture = {style: 1.0} if isinstance(style, str) else parse_blend(style)
        keyframes.append(Keyframe(float(seconds), mixture))
    return tuple(keyframes)


def check_within(keyframes: Sequence[Keyframe], *, duration: float) -> None:
    """Raises `BadMixture` for a keyframe beyond a film of so many seconds."""
    for number, keyframe in enumerate(keyframes, start=1):
        if keyframe.seconds > duration:
            raise BadMixture(
                f"keyframe {number} is at {keyframe.seconds:g} s, and the film ends after "
                f"{duration:g} s"
            )


def styles_of(keyframes: Sequence[Keyframe]) -> list[str]:
    """All that take part, sorted."""
    return sorted({style for keyframe in keyframes for style in keyframe.mixture})


def mixture_at(keyframes: Sequence[Keyframe], seconds: float) -> Mixture:
    """What a film looks like at a time: linear between keyframes, and a cut at equal times.

    It depends on nothing but its arguments, so that a film is the same however it is cut into
    chunks.
    """
    before = [keyframe for keyframe in keyframes if keyframe.seconds <= seconds]
    after = [keyframe for keyframe in keyframes if keyframe.seconds > seconds]
    if not before or not after:
        return (before[-1] if before else after[0]).mixture
    start, end = before[-1], after[0]
    share = (seconds - start.seconds) / (end.seconds - start.seconds)
    return dict(_between(start.mixture, end.mixture, share))


def _between(start: Mixture, end: Mixture, share: float) -> Iterator[tuple[str, float]]:
    for style in sorted(start.keys() | end.keys()):
        yield style, (1 - share) * start.get(style, 0.0) + share * end.get(style, 0.0)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(value: object) -> str:
    """A value as an error shows it: short, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # Python shows no number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."
