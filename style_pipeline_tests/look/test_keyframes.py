import pytest
from hypothesis import given
from hypothesis import strategies as some

from style_pipeline.look.keyframes import (
    MOST,
    BadKeyframes,
    around,
    check_within,
    number_at,
    parse_ramp,
    shown,
)


def test_a_number_changes_linearly_between_keyframes_and_stays_beyond_them() -> None:
    ramp = parse_ramp([[1, 0.2], [3, 1.0]], least=0, most=1)
    assert [number_at(ramp, at) for at in (0, 1, 2, 3, 9)] == pytest.approx([0.2, 0.2, 0.6, 1, 1])
    assert number_at(0.7, 5) == 0.7


def test_equal_times_are_a_cut() -> None:
    ramp = parse_ramp([[0, 0], [2, 0], [2, 1], [4, 0.5]], least=0, most=1)
    assert (number_at(ramp, 1.999), number_at(ramp, 2)) == (0, 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([[0, 2]], "keyframe 1 is 2: it should be a number from 0 to 1"),
        ([[0, True]], "keyframe 1 is True: it should be"),
        ([[0, "much"]], "keyframe 1 is 'much': it should be"),
        ([[0, 1], [1]], r"keyframe 2, \[1\], should be times and numbers, as \[\[0, 0\.2\], "),
        ([[2, 1], [1, 1]], "keyframe 2 is at 1 s, before the one at 2 s: put them in order"),
        ([[0, 1]] * (MOST + 1), f"there are {MOST + 1} keyframes: at most {MOST} are taken"),
    ],
)
def test_keyframes_that_cannot_be_are_refused_in_one_line(value: object, message: str) -> None:
    with pytest.raises(BadKeyframes, match=f"^{message}") as caught:
        parse_ramp(value, least=0, most=1)
    assert "\n" not in str(caught.value)


def test_a_keyframe_beyond_the_film_is_refused() -> None:
    check_within([0, 12], duration=12)
    with pytest.raises(
        BadKeyframes, match=r"keyframe 2 is at 12 s, and the film ends after 11\.5 s"
    ):
        check_within([0, 12], duration=11.5)


@given(
    times=some.lists(some.floats(0, 1000), min_size=1, max_size=6).map(sorted),
    seconds=some.floats(0, 1000),
)
def test_any_time_is_at_or_between_two_keyframes(times: list[float], seconds: float) -> None:
    before, after, share = around(times, seconds)
    assert 0 <= before <= after < len(times)
    assert 0 <= share <= 1


def test_a_value_is_shown_in_short() -> None:
    assert shown(10**5000) == "a number of thousands of digits"
    assert len(shown("x" * 1000)) == 60
