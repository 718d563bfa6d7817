"""What becomes of the files of an hour: late ones, and those that it shares with the one before."""

import json

import polars as pl

from sensor_pipeline.hour import read_manifest
from sensor_pipeline.object_names import Hour
from sensor_pipeline.plant import capture
from sensor_pipeline_tests.site import Site, at, capture_name, key, readings_of


def test_late_readings_are_kept_for_their_hour_which_becomes_another_version(site: Site) -> None:
    rows = readings_of(10)
    in_time, late = rows.head(-40), rows.tail(40)
    site.media.write(capture_name(at(10)), capture(in_time))
    assert site.make("readings", key(10))["version"] == 1
    site.media.write(capture_name(at(13, 30)), capture(late, first=len(in_time)))
    made = site.make("readings", key(13))
    assert (made["readings"], made["late_for_other_hours"]) == (0, 40)
    again = site.make("readings", key(10))
    assert (again["version"], again["came_late"], again["readings"]) == (2, 40, len(rows))
    assert "sensors/aside/2026-03-01T10/" in again["changed_since_the_version_before"]
    assert len(site.windows(10)) == len(rows)
    assert site.make("readings", key(10))["readings"] == len(rows), "as often as one likes"


def test_what_came_while_the_hour_was_waited_for_is_read_once_without_numbers_too(
    site: Site,
) -> None:
    rows = readings_of(10).with_columns(TS=pl.col("time").dt.to_string("iso"))
    table = rows.select("TS", Device="device", Tag="sensor", Value="value")
    site.media.write("readings/2026/03/01/11/05/00.csv", table.write_csv().encode())
    site.make("readings", key(11))
    site.make("readings", key(10))
    assert site.windows(10)["readings"].to_list() == [1] * len(rows)


def test_an_hour_whose_count_of_shards_was_another_leaves_nothing_behind(site: Site) -> None:
    site.drop(readings_of(10))
    site.make("readings", key(10))
    hour = Hour(key(10))
    manifest = json.loads(site.ops.read(hour.manifest))
    site.ops.write(hour.manifest, json.dumps({**manifest, "shards": 3}).encode())
    for name in (hour.windows(2), hour.scores(2)):
        site.ops.write(name, b"old")
    site.make("readings", key(10))
    there = [each.name for each in site.ops.list(hour.all_windows)]
    assert there == [hour.windows(0), hour.windows(1)]
    assert site.ops.list(hour.all_scores) == []
    found = read_manifest(site.ops, hour)
    assert found
    assert found.shards == 2
