import pytest
from hypothesis import given
from hypothesis import strategies as some

from style_pipeline.look.keyframes import BadKeyframes
from style_pipeline.look.mixtures import (
    BadMixture,
    Keyframe,
    mixture_at,
    parse_blend,
    parse_keyframes,
    styles_of,
)

MORPH = parse_keyframes([[0, "ink"], [12, "starry-night"]])


def test_shares_of_a_blend_add_up_to_one() -> None:
    assert parse_blend({"ink": 2, "starry-night": 6}) == {"ink": 0.25, "starry-night": 0.75}


def test_a_style_without_a_share_takes_no_part() -> None:
    assert parse_blend({"ink": 0, "starry-night": 0.3}) == {"starry-night": 1.0}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("ink", "'ink' should be shares by style"),
        ({}, "{} should be shares by style"),
        ({"ink": -1}, "the share of 'ink' is -1: it should be 0 or more"),
        ({"ink": "much"}, "the share of 'ink' is 'much'"),
        ({"ink": True}, "the share of 'ink' is True"),
        ({"ink": float("nan")}, "the share of 'ink' is nan"),
        ({"ink": 0, "mosaic": 0}, "all shares are 0"),
    ],
)
def test_a_blend_that_cannot_be_is_refused_in_one_line(value: object, message: str) -> None:
    with pytest.raises(BadMixture, match=f"^{message}") as caught:
        parse_blend(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("ink", "'ink' should be times and styles"),
        ([], r"\[\] should be times and styles"),
        ([0, "ink"], "keyframe 1, 0, should be times and styles"),
        ([[0, "ink", 3]], r"keyframe 1, \[0, 'ink', 3\], should be"),
        ([[0, "ink"], [-1, "mosaic"]], "keyframe 2 is at -1: give seconds"),
        ([["soon", "ink"]], "keyframe 1 is at 'soon': give seconds"),
        ([[0, 7]], "7 should be shares by style"),
    ],
)
def test_keyframes_that_cannot_be_are_refused_in_one_line(value: object, message: str) -> None:
    with pytest.raises(BadKeyframes, match=f"^{message}") as caught:
        parse_keyframes(value)
    assert "\n" not in str(caught.value)


def test_styles_change_linearly_between_keyframes_and_stay_beyond_them() -> None:
    assert mixture_at(MORPH, 3) == {"ink": 0.75, "starry-night": 0.25}
    later = parse_keyframes([[2, "ink"], [4, "mosaic"]])
    assert mixture_at(later, 0) == {"ink": 1.0}
    assert mixture_at(later, 99) == {"mosaic": 1.0}


def test_mixtures_may_stand_for_styles() -> None:
    keyframes = parse_keyframes([[0, {"ink": 1, "mosaic": 1}], [2, "mosaic"]])
    assert keyframes[0] == Keyframe(0.0, {"ink": 0.5, "mosaic": 0.5})
    assert mixture_at(keyframes, 1) == {"ink": 0.25, "mosaic": 0.75}
    assert styles_of(keyframes) == ["ink", "mosaic"]


@given(
    times=some.lists(some.floats(0, 1000), min_size=1, max_size=6).map(sorted),
    seconds=some.floats(0, 1000),
)
def test_shares_add_up_to_one_at_any_time(times: list[float], seconds: float) -> None:
    keyframes = parse_keyframes(
        [[at, ("ink", "mosaic", "impasto")[n % 3]] for n, at in enumerate(times)]
    )
    assert sum(mixture_at(keyframes, seconds).values()) == pytest.approx(1)
