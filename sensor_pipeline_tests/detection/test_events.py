"""Flagged windows into events."""

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor_pipeline.detection.events import Hysteresis, find_events, onsets, spans

RULE = Hysteresis(open_after=1, close_after=3)


@pytest.mark.parametrize(
    ("scores", "rule", "found"),
    [
        ([0, 0, 0], RULE, []),
        ([0, 2, 0, 0, 0, 0], RULE, [(1, 1, False)]),
        ([0, 2, 0, 0, 2, 0, 0, 0], RULE, [(1, 4, False)]),
        ([0, 2, 0.7, 0.7, 0.7, 0.7, 0.7], RULE, [(1, 1, True)]),
        ([0, 2, 0, 0, 0, 2, 2], RULE, [(1, 1, False), (5, 6, True)]),
        ([2, 0, 2, 0, 0, 0], Hysteresis(open_after=2, close_after=3), []),
        ([0, 2, 2, 2], Hysteresis(open_after=2, close_after=3), [(1, 3, True)]),
        ([1, 1, 1], RULE, [(0, 2, True)]),
    ],
)
def test_an_event_begins_and_ends_by_hysteresis(
    scores: list[float], rule: Hysteresis, found: list[tuple[int, int, bool]]
) -> None:
    assert spans(np.array(scores, dtype=np.float64), 1.0, rule) == found


@given(st.lists(st.floats(-5, 5), max_size=60), st.integers(1, 3), st.integers(1, 8))
def test_every_event_begins_and_ends_with_what_is_flagged_and_none_overlap(
    scores: list[float], open_after: int, close_after: int
) -> None:
    rule = Hysteresis(open_after=open_after, close_after=close_after)
    found = spans(np.array(scores), 1.0, rule)
    for first, last, _ in found:
        assert scores[first] >= 1.0
        assert scores[last] >= 1.0
    for (_, last, is_open), (first, _, _) in pairwise(found):
        assert first - last > close_after
        assert not is_open


def test_events_say_when_where_and_how_bad_the_worst_first() -> None:
    start = datetime(2026, 3, 1)
    times = [start + timedelta(seconds=5 * i) for i in range(6)]
    table = pl.concat(
        [
            pl.DataFrame(
                {"device": "d", "sensor": sensor, "time": times, "value": scores, "score": scores}
            ).with_columns(threshold=pl.lit(1.0), score=pl.col("score").cast(pl.Float64))
            for sensor, scores in {
                "calm": [0.0] * 6,
                "mild": [0.0, 2.0, 3.0, 0.0, 0.0, 0.0],
                "none": [None] * 6,
                "wild": [0.0, 0.0, 9.0, 0.0, 9.5, 0.0],
            }.items()
        ],
        how="vertical_relaxed",
    )
    wild, mild = find_events(table, RULE, window=timedelta(seconds=5))
    assert (wild.sensor, mild.sensor) == ("wild", "mild")
    assert (wild.start, wild.end, wild.flagged) == (times[2], times[5], 2)
    assert (wild.peak_score, wild.peak_time, wild.peak_value) == (9.5, times[4], 9.5)
    assert (mild.open, mild.as_json()["start"]) == (False, times[1].isoformat())


def test_an_onset_is_worse_than_all_shortly_before() -> None:
    scores = np.array([-1.0, 2.0, 1.0, 3.0, 3.0, 0.5, 0.0, 0.7])
    assert onsets(scores, 3).tolist() == [0, 2, 0, 3, 0, 0, 0, 0]
