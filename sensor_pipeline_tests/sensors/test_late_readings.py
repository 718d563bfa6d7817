"""What hours are read, when, and how often."""

import dagster as dg
import pytest

from sensor_pipeline.definitions import defs
from sensor_pipeline.plant import capture
from sensor_pipeline.sensors.late_readings import every_hour, late_readings
from sensor_pipeline_tests.polls import Poll, scheduled
from sensor_pipeline_tests.site import Site, at, capture_name, key, readings_of


def test_an_hour_that_was_never_read_is_once_two_polls_saw_the_same(site: Site) -> None:
    site.media.write(capture_name(at(10)), capture(readings_of(10).head(10)))
    poll = Poll(site, late_readings)
    assert [poll(), poll(), poll()] == [[], [key(10)], []]


def test_an_hour_that_was_read_is_left_alone_until_its_files_change(site: Site) -> None:
    rows = readings_of(10)
    site.media.write(capture_name(at(10)), capture(rows.head(100)))
    site.make("readings", key(10))
    poll = Poll(site, late_readings)
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
    poll = Poll(site, late_readings)
    assert [poll(), poll()] == [[], [key(10)]]


def test_files_without_a_date_are_sorted_first(site: Site) -> None:
    table = b"TS,Device,Tag,Value\n2026-03-01T10:00:05Z,a,t,1\n2026-03-02T11:00:05Z,a,t,1\n"
    odd = b"1999-01-01T00:00:00Z,a,t,1\nyesterday,a,t,1\n"
    site.media.write("readings/history.csv", table + odd)
    site.media.write("readings/other.csv", b"a\n1\n")
    poll = Poll(site, late_readings)
    assert poll() == ["sort"]
    job = defs.get_job_def("sort_readings")
    result = job.execute_in_process(
        instance=site.instance, resources={"media": site.media, "ops": site.ops}
    )
    (told,) = (
        event.asset_observation_data.asset_observation.metadata
        for event in result.all_events
        if event.event_type is dg.DagsterEventType.ASSET_OBSERVATION
    )
    seen = {name: told[name].value for name in ("readings", "of_no_hour", "malformed")}
    assert seen == {"readings": 3, "of_no_hour": 1, "malformed": 1}
    assert str(told["broken_files"].value).startswith("readings/other.csv: it has no column")
    assert [poll(), poll()] == [[], [key(10), "2026-03-02-11:00"]]


def test_an_hour_that_a_run_is_for_is_not_asked_for_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.media.write(capture_name(at(10)), capture(readings_of(10).head(10)))
    module = "sensor_pipeline.sensors.late_readings.in_flight"
    poll = Poll(site, late_readings)
    monkeypatch.setattr(module, lambda instance: [at(10)])
    assert [poll(), poll()] == [[], []]
    monkeypatch.setattr(module, lambda instance: [])
    assert [poll(), poll()] == [[], [key(10)]]


def test_the_hour_that_ended_is_read_at_ten_past_once_anything_ever_came(site: Site) -> None:
    assert every_hour.cron_schedule == "10 * * * *"
    assert "nothing lies in" in scheduled(every_hour, site, at(11, 10)).skip_message
    site.media.write(capture_name(at(2)), capture(readings_of(2).head(1)))
    (request,) = scheduled(every_hour, site, at(11, 10)).run_requests
    assert request.partition_key == key(10)
