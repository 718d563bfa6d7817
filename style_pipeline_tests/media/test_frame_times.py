from fractions import Fraction

import pytest

from style_pipeline.media.frame_times import in_order, wrong_time

TICK = Fraction(1, 1000)
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("times", "places"),
    [
        ([], []),
        ([5], [0]),
        ([0, 40, 80], [0, 1, 2]),
        ([0, 120, 40, 80, 160], [0, 2, 3, 4]),
        ([0, 40, 40, 80], [0, 2, 3]),
        ([0, 900_000, 40, 80, 120], [0, 2, 3, 4]),
        ([900_000, 0, 40, 80], [1, 2, 3]),
        ([0, 40, 80, 120 + HOUR], [0, 1, 2]),
        ([0, 2 * HOUR, 2 * HOUR + 40, 4 * HOUR], [1, 2]),
    ],
)
def test_a_time_that_others_contradict_costs_its_frame_alone(
    times: list[int], places: list[int]
) -> None:
    assert in_order(times, tick=TICK) == places


@pytest.mark.parametrize(
    ("pts", "said"),
    [
        (41, ""),
        (40, "frame 7 is not later than the one before it (PTS 40 after 40)"),
        (-3, "PTS -3 after 40"),
        (40 + HOUR, ""),
        (41 + HOUR, "comes 1.0 h after the one before it: at most 1 h is taken"),
    ],
)
def test_what_is_wrong_with_a_time_is_said(pts: int, said: str) -> None:
    why = wrong_time(7, pts, 40, 0, tick=TICK)
    assert said in why
    assert bool(said) == bool(why)


def test_a_film_lasts_no_longer_than_a_day() -> None:
    assert "more than 24 h" in wrong_time(7, 24 * HOUR + 1, 24 * HOUR, 0, tick=TICK)
