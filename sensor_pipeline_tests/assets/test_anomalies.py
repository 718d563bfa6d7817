"""From files of Event Hubs Capture to events, on plain folders."""

from datetime import timedelta
from io import BytesIO

import polars as pl
from PIL import Image

from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import shard_hour
from sensor_pipeline.plant import Fault
from sensor_pipeline_tests.site import Site, at, key, readings_of


def test_a_fault_is_an_event_at_its_sensor_and_time_and_nothing_else_is(scored: Site) -> None:
    (event,) = scored.events(3)
    assert (event["device"], event["sensor"]) == ("press-1", "pressure")
    assert event["start"] == at(3, 20).isoformat()
    assert event["end"] == at(3, 22, 55).isoformat()


def test_a_person_finds_events_as_parquet_and_as_a_picture(scored: Site) -> None:
    table = pl.read_parquet(BytesIO(scored.media.read(Hour(key(3)).anomalies("parquet"))))
    assert table["device"].to_list() == ["press-1"]
    with Image.open(BytesIO(scored.media.read(Hour(key(3)).anomalies("png")))) as image:
        assert image.width > 400


def test_checks_turn_to_warnings_where_something_was_flagged(scored: Site) -> None:
    assert scored.make("anomalies", key(3))["nothing_unusual"] is False


def test_an_hour_without_readings_is_an_hour_with_none(scored: Site) -> None:
    scored.make("readings", key(20))
    made = scored.score(20)
    assert scored.events(20) == []
    assert (made["sensors"], made["nothing_unusual"]) == (0, True)


def test_an_event_that_goes_on_is_one_event(scored: Site) -> None:
    long = Fault(
        device="press-2",
        sensor="current",
        start=at(4, 50),
        lasts=timedelta(minutes=20),
        kind="dead",
    )
    scored.drop(readings_of(4, 2, faults=[long], seed=3), first=10**6)
    scored.run(4, 5)
    (before,), (after,) = scored.events(4), scored.events(5)
    assert before["start"] == after["start"] == at(4, 50).isoformat()
    assert before["open"] is True
    assert after["end"] == at(5, 9, 55).isoformat()


def test_a_shard_that_is_not_scored_is_named_and_the_others_count(scored: Site) -> None:
    faults = [
        Fault(
            device="press-1", sensor=kind, start=at(4, 5), lasts=timedelta(minutes=2), kind="step"
        )
        for kind in ("pressure", "current", "temperature", "vibration")
    ]
    scored.drop(readings_of(4, faults=faults, seed=3), first=10**6)
    scored.make("readings", key(4))
    scored.make("scores", shard_hour(key(4), "000"))
    made = scored.make("anomalies", key(4))
    some = len(scored.events(4))
    assert made["missing_shards"] == "001"
    assert made["all_shards_are_scored"] is False
    assert 0 < some < 4
    scored.make("scores", shard_hour(key(4), "001"))
    scored.make("anomalies", key(4))
    assert len(scored.events(4)) == 4
