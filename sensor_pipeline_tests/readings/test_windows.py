"""Readings into windows, and windows into shards."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor_pipeline.readings.rows import SCHEMA
from sensor_pipeline.readings.windows import (
    Aggregate,
    in_shards,
    into_windows,
    shard_of,
    without_duplicates,
)

START = datetime(2026, 3, 1, 10)


def rows(*given: tuple[float, float], **columns: object) -> pl.DataFrame:
    """Readings of one sensor, by second and value."""
    about = {"device": "a", "sensor": "t", "hub": None, "sequence": None, "part": 0, **columns}
    return pl.DataFrame(
        [
            {"time": START + timedelta(seconds=second), "value": value, **about}
            for second, value in given
        ],
        schema=SCHEMA,
    )


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("mean", 2.0),
        ("min", 1.0),
        ("max", 3.0),
        ("median", 2.0),
        ("first", 3.0),
        ("last", 1.0),
        ("sum", 6.0),
        ("count", 3.0),
    ],
)
def test_a_window_takes_what_is_set(aggregate: Aggregate, value: float) -> None:
    found = into_windows(rows((4.9, 1), (0, 3), (2, 2), (5, 9)), seconds=5, aggregate=aggregate)
    assert found["time"].to_list() == [START, START + timedelta(seconds=5)]
    assert found["value"][0] == value
    assert found["readings"].to_list() == [3, 1]


def test_rows_that_are_aggregated_already_stay_as_they_are() -> None:
    given = rows((0, 1.25), (5, 2.5), (20, 3.75))
    found = into_windows(given, seconds=5, aggregate="mean")
    assert found["time"].to_list() == given["time"].to_list()
    assert found["value"].to_list() == given["value"].to_list()


def test_an_event_that_was_delivered_twice_counts_once_and_rows_without_a_number_all() -> None:
    twice = rows((0, 1), (0, 1), hub="h", sequence=7)
    elsewhere = rows((0, 1), hub="other", sequence=7)
    unnumbered = rows((0, 1), (0, 1))
    assert len(without_duplicates(pl.concat([twice, elsewhere, unnumbered]))) == 4


def test_shards_are_the_same_on_every_machine_and_in_every_version() -> None:
    assert [shard_of(f"device-{n}", "t", 8) for n in range(8)] == [1, 2, 5, 4, 4, 1, 3, 0]
    assert shard_of("a", "bc", 10**6) != shard_of("ab", "c", 10**6)


# Each example is dozens of tables.
@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), unique=True, max_size=30),
    st.integers(1, 9),
)
def test_every_sensor_is_in_exactly_one_shard_in_its_order(
    names: list[tuple[str, str]], shards: int
) -> None:
    tables = [rows((0, 1), (5, 2), device=device, sensor=sensor) for device, sensor in names]
    windows = into_windows(pl.concat([rows(), *tables]), seconds=5, aggregate="mean")
    parts = in_shards(windows, shards)
    assert len(parts) == shards
    for shard, part in enumerate(parts):
        assert part.equals(part.sort("device", "sensor", "time"))
        assert {
            shard_of(device, sensor, shards)
            for device, sensor in part.select("device", "sensor").rows()
        } <= {shard}
    assert sorted(pl.concat(parts).rows()) == sorted(windows.rows())
