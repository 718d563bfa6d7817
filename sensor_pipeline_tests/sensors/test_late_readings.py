"""What hours are read, when, and how often."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sensor_pipeline.definitions import defs
from sensor_pipeline.partitions import SETTINGS
from sensor_pipeline.plant import capture
from sensor_pipeline.retention import delete_old
from sensor_pipeline.sensors import housekeeping
from sensor_pipeline.sensors.housekeeping import every_week, more_shards
from sensor_pipeline.sensors.late_readings import every_hour, late_readings
from sensor_pipeline_tests.site import Site, at, capture_name, key, new_site, readings_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with new_site(tmp_path) as site:
        yield site


class Poll:
    """The sensor with its memory."""

    def __init__(self, site: Site, sensor: Any = late_readings) -> None:
        self.site, self.sensor = site, sensor
        self.cursor: str | None = None

    def __call__(self) -> list[str]:
        """The partitions that are asked for; `sort` for files that have none."""
        given = {"media": self.site.media, "ops": self.site.ops}
        resources = {name: given[name] for name in self.sensor.required_resource_keys}
        with dg.build_sensor_context(
            instance=self.site.instance,
            cursor=self.cursor,
            definitions=defs,
            resources=resources,
        ) as context:
            tick = self.sensor.evaluate_tick(context)
        self.cursor = tick.cursor
        self.events = tick.asset_events
        return [request.partition_key or "sort" for request in tick.run_requests or ()]


def test_an_hour_that_was_never_read_is_once_two_polls_saw_the_same(site: Site) -> None:
    site.media.write(capture_name(at(10)), capture(readings_of(10).head(10)))
    poll = Poll(site)
    assert [poll(), poll(), poll()] == [[], [key(10)], []]


def test_an_hour_that_was_read_is_left_alone_until_its_files_change(site: Site) -> None:
    rows = readings_of(10)
    site.media.write(capture_name(at(10)), capture(rows.head(100)))
    site.make("readings", key(10))
    poll = Poll(site)
    assert [poll(), poll()] == [[], []]
    site.media.write(capture_name(at(10, 20)), capture(rows.tail(100), first=100))
    assert [poll(), poll()] == [[], [key(10)]]
    site.make("readings", key(10))
    assert [poll(), poll()] == [[], []]


def test_readings_that_came_hours_late_have_their_hour_read_again(site: Site) -> None:
    rows = readings_of(10)
    site.media.write(capture_name(at(10)), capture(rows.head(100)))
    site.make("readings", key(10))
    site.media.write(capture_name(at(14)), capture(rows.tail(100), first=100))
    site.make("readings", key(14))
    poll = Poll(site)
    assert [poll(), poll()] == [[], [key(10)]]


def test_files_without_a_date_are_sorted_first(site: Site) -> None:
    table = b"TS,Device,Tag,Value\n2026-03-01T10:00:05Z,a,t,1\n2026-03-02T11:00:05Z,a,t,1\n"
    site.media.write("readings/history.csv", table)
    poll = Poll(site)
    assert poll() == ["sort"]
    job = defs.get_job_def("sort_readings")
    assert job.execute_in_process(
        instance=site.instance, resources={"media": site.media, "ops": site.ops}
    ).success
    assert [poll(), poll()] == [[], [key(10), "2026-03-02-11:00"]]


def test_an_hour_that_a_run_is_for_is_not_asked_for_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.media.write(capture_name(at(10)), capture(readings_of(10).head(10)))
    module = "sensor_pipeline.sensors.late_readings.in_flight"
    poll = Poll(site)
    monkeypatch.setattr(module, lambda instance: [at(10)])
    assert [poll(), poll()] == [[], []]
    monkeypatch.setattr(module, lambda instance: [])
    assert [poll(), poll()] == [[], [key(10)]]


def scheduled(schedule: Any, site: Site, time: datetime) -> Any:
    given = {"media": site.media, "ops": site.ops}
    resources = {name: given[name] for name in schedule.required_resource_keys}
    with dg.build_schedule_context(
        instance=site.instance,
        scheduled_execution_time=time.replace(tzinfo=UTC),
        repository_def=defs.get_repository_def(),
        resources=resources,
    ) as context:
        return schedule.evaluate_tick(context)


def test_the_hour_that_ended_is_read_at_ten_past_once_anything_ever_came(site: Site) -> None:
    assert every_hour.cron_schedule == "10 * * * *"
    assert "nothing lies in" in scheduled(every_hour, site, at(11, 10)).skip_message
    site.media.write(capture_name(at(2)), capture(readings_of(2).head(1)))
    (request,) = scheduled(every_hour, site, at(11, 10)).run_requests
    assert request.partition_key == key(10)


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
    site.make("scores", dg.MultiPartitionKey({"hour": key(10), "shard": "000"}))
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


def test_what_is_old_is_deleted_and_readings_stay(site: Site) -> None:
    site.drop(readings_of(10, 2))
    site.run(10, 11)
    raw = site.media.list("readings")
    count = delete_old(site.media, site.ops, before=at(11))
    assert count > 5
    left = [*site.media.list("anomalies"), *site.ops.list("sensors")]
    assert not [each for each in left if "T10" in each.name]
    assert [each for each in left if "T11" in each.name]
    assert site.media.list("readings") == raw
    assert housekeeping.retention.name == "retention"
