"""What is done now and then."""

from datetime import timedelta

import pytest

from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import SETTINGS, shard_hour
from sensor_pipeline.sensors.housekeeping import every_night, every_week, more_shards, retention
from sensor_pipeline_tests.polls import Poll, scheduled
from sensor_pipeline_tests.site import Site, at, key, readings_of


def test_detectors_are_fitted_on_sundays_and_where_there_are_none(site: Site) -> None:
    sunday = at(27, 30)
    sunday -= timedelta(days=(sunday.weekday() + 1) % 7)
    assert "no hour was read" in scheduled(every_week, site, sunday).skip_message
    site.drop(readings_of(0))
    site.make("readings", key(0))
    site.make("detectors", "001")
    days = [scheduled(every_week, site, sunday + timedelta(days=n)).run_requests for n in (0, 1)]
    assert [[each.partition_key for each in requests] for requests in days] == [
        ["000", "001"],
        ["000"],
    ]


def test_hours_that_were_scored_for_fewer_shards_are_not_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = SETTINGS.model_copy(update={"shards": 1})
    monkeypatch.setattr("sensor_pipeline.assets.readings.SETTINGS", fewer)
    site.make("readings", key(10))
    monkeypatch.undo()
    site.make("scores", shard_hour(key(10), "000"))
    site.make("readings", key(11))
    poll = Poll(site, more_shards)
    poll()
    assert [str(event.partition) for event in poll.events] == [f"{key(10)}|001"]
    for event in poll.events:
        site.instance.report_runless_asset_event(event)
    poll()
    assert poll.events == []
    poll.cursor = "1"
    poll()
    assert poll.events == [], "also when the count changes again"


def test_every_night_what_lies_before_the_first_hour_is_deleted(site: Site) -> None:
    assert every_night.job_name == retention.name
    before, first = Hour("2026-02-28-23:00"), Hour(key(0))
    for hour in (before, first):
        site.ops.write(hour.windows(0), b"windows")
        site.media.write(hour.anomalies("json"), b"{}")
    given = {"media": site.media, "ops": site.ops}
    assert retention.execute_in_process(instance=site.instance, resources=given).success
    left = [*site.ops.list("sensors"), *site.media.list("anomalies")]
    assert [each.name for each in left] == [first.windows(0), first.anomalies("json")]
