"""From files of Event Hubs Capture to events, on plain folders."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import dagster as dg
import polars as pl
import pytest
from PIL import Image

from pipeline_kit.storage.objects import ObjectNotFound
from sensor_pipeline.hour_scores import fetch_scores
from sensor_pipeline.library import registry
from sensor_pipeline.object_names import Hour
from sensor_pipeline.plant import Fault
from sensor_pipeline_tests.site import DEVICES, SHARDS, Site, at, key, new_site, readings_of

FAULT = Fault(
    device="press-1", sensor="pressure", start=at(3, 20), lasts=timedelta(minutes=3), kind="step"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Three hours that were learned from, and a fourth with a fault that was scored."""
    with new_site(tmp_path_factory.mktemp("site")) as site:
        site.drop(readings_of(0, 4, faults=[FAULT]))
        for hour in range(3):
            site.make("readings", key(hour))
        site.fit()
        site.run(3)
        yield site


def events(site: Site, hour: int) -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads(site.media.read(Hour(key(hour)).anomalies("json")))[
        "events"
    ]
    return told


def test_a_fault_is_an_event_at_its_sensor_and_time_and_nothing_else_is(site: Site) -> None:
    (event,) = events(site, 3)
    assert (event["device"], event["sensor"]) == ("press-1", "pressure")
    assert event["start"] == at(3, 20).isoformat()
    assert event["end"] == at(3, 22, 55).isoformat()


def test_a_person_finds_events_as_parquet_and_as_a_picture(site: Site) -> None:
    table = pl.read_parquet(BytesIO(site.media.read(Hour(key(3)).anomalies("parquet"))))
    assert table["device"].to_list() == ["press-1"]
    with Image.open(BytesIO(site.media.read(Hour(key(3)).anomalies("png")))) as image:
        assert image.width > 400


def test_scores_have_value_score_threshold_and_the_detector_s_digest(site: Site) -> None:
    found = fetch_scores(site.ops, Hour(key(3)))
    assert found.missing == ()
    assert len(found.scores) == 8 * 360
    assert found.scores.null_count().sum_horizontal().item() == 0
    assert set(found.scores["detector"].unique()) == set(registry(site.ops).current().values())


def test_the_metadata_say_seconds_rows_and_models_of_each_shard(site: Site) -> None:
    made = [site.make("scores", dg.MultiPartitionKey({"hour": key(3), "shard": s})) for s in SHARDS]
    assert sum(each["models"] for each in made) == 8
    assert sum(each["rows"] for each in made) == 8 * 360
    assert all(each["seconds"] > 0 for each in made)


def test_checks_turn_to_warnings_where_something_was_flagged(site: Site) -> None:
    assert site.make("anomalies", key(3))["nothing_unusual"] is False


def test_an_hour_without_readings_is_an_hour_with_none(site: Site) -> None:
    site.run(20)
    assert events(site, 20) == []
    made = site.make("anomalies", key(20))
    assert (made["sensors"], made["nothing_unusual"]) == (0, True)


def test_what_was_flagged_is_not_learned_from(site: Site) -> None:
    # The latest fifth is held back: the fault is in the rest once two hours followed.
    site.drop(readings_of(4, 2, seed=3), first=10**6)
    for hour in (4, 5):
        site.make("readings", key(hour))
    assert sum(each["flagged_and_left_out"] for each in site.fit()) == 18


def test_an_event_that_goes_on_is_one_event(tmp_path_factory: pytest.TempPathFactory) -> None:
    long = Fault(
        device="press-2",
        sensor="current",
        start=at(1, 50),
        lasts=timedelta(minutes=20),
        kind="dead",
    )
    with new_site(tmp_path_factory.mktemp("long")) as site:
        site.drop(readings_of(0, 3, faults=[long]))
        site.make("readings", key(0))
        site.fit()
        site.run(1, 2)
        (before,), (after,) = events(site, 1), events(site, 2)
    assert before["start"] == after["start"] == at(1, 50).isoformat()
    assert before["open"] is True
    assert after["end"] == at(2, 9, 55).isoformat()


def test_a_shard_that_is_not_scored_is_named_and_the_others_count(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    faults = [
        Fault(device=device, sensor=kind, start=at(1, 5), lasts=timedelta(minutes=2), kind="step")
        for device in DEVICES
        for kind in ("pressure", "current", "temperature", "vibration")
    ]
    with new_site(tmp_path_factory.mktemp("half")) as site:
        site.drop(readings_of(0, 2, faults=faults))
        site.make("readings", key(0))
        site.fit()
        site.make("readings", key(1))
        site.make("scores", dg.MultiPartitionKey({"hour": key(1), "shard": "000"}))
        made = site.make("anomalies", key(1))
        some = len(events(site, 1))
        assert made["missing_shards"] == "001"
        assert made["all_shards_are_scored"] is False
        assert 0 < some < 8
        site.score(1)
        assert len(events(site, 1)) == 8


def test_scores_of_an_hour_that_was_not_read_say_what_to_do(site: Site) -> None:
    with pytest.raises(dg.Failure) as failure:
        site.make("scores", dg.MultiPartitionKey({"hour": key(23), "shard": "000"}))
    assert "materialize readings of this hour" in str(failure.value.description)
    with pytest.raises(ObjectNotFound):
        site.ops.read(Hour(key(23)).scores(0))
