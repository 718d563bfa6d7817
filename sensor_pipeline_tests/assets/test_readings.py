"""What becomes of files: duplicates, late ones, broken ones, and those without a date."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from sensor_pipeline.hour import fetch_windows, read_manifest
from sensor_pipeline.intake import WORTH_A_PROCESS
from sensor_pipeline.object_names import Hour, malformed
from sensor_pipeline.plant import capture, capture_of
from sensor_pipeline_tests.site import Site, at, capture_name, key, new_site, readings_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with new_site(tmp_path) as site:
        yield site


def windows(site: Site, hour: int) -> pl.DataFrame:
    parts = [fetch_windows(site.ops, Hour(key(hour)), shard)[0] for shard in (0, 1)]
    return pl.concat(parts).sort("device", "sensor", "time")


def test_events_that_a_hub_delivered_twice_count_once(site: Site) -> None:
    rows = readings_of(10)
    site.media.write(capture_name(at(10)), capture(rows))
    site.media.write(capture_name(at(10, 30)), capture(rows.head(100)))
    made = site.make("readings", key(10))
    assert (made["readings"], made["duplicates"]) == (len(rows), 100)
    assert windows(site, 10)["readings"].max() == 1


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
    assert len(windows(site, 10)) == len(rows)
    assert site.make("readings", key(10))["readings"] == len(rows), "as often as one likes"


def test_what_came_while_the_hour_was_waited_for_is_read_once_without_numbers_too(
    site: Site,
) -> None:
    rows = readings_of(10).with_columns(TS=pl.col("time").dt.to_string("iso"))
    table = rows.select("TS", Device="device", Tag="sensor", Value="value")
    site.media.write("readings/2026/03/01/11/05/00.csv", table.write_csv().encode())
    site.make("readings", key(11))
    site.make("readings", key(10))
    assert windows(site, 10)["readings"].to_list() == [1] * len(rows)


def test_a_broken_file_costs_itself_and_malformed_rows_are_kept_aside(site: Site) -> None:
    site.media.write(capture_name(at(10)), capture(readings_of(10)))
    site.media.write(capture_name(at(10, 5)), b"Obj\x01 no capture")
    odd = capture_name(at(10, 10))
    site.media.write(odd, capture_of([b"no json", None, b'{"TS": "x"}'], first=10**6))
    made = site.make("readings", key(10))
    assert made["readings"] == 8 * 360
    assert made["broken_files"].startswith(f"{capture_name(at(10, 5))}: it cannot be read")
    assert len(made["broken_files"].splitlines()) == 1
    assert (made["malformed"], made["files_can_be_read"]) == (3, False)
    kept = json.loads(site.ops.read(malformed(odd)))
    assert kept["rows"] == ["no json", "", '{"TS": "x"}']


def test_a_file_without_a_date_goes_to_the_hours_that_it_has(site: Site) -> None:
    rows = pl.concat([readings_of(10), readings_of(11)])
    far = rows.head(3).with_columns(pl.col("time") + timedelta(days=400))
    texts = pl.concat([rows, far]).with_columns(TS=pl.col("time").dt.epoch("ms"))
    table = texts.select("TS", Device="device", Tag="sensor", Value="value")
    site.media.write("readings/history.ndjson", table.write_ndjson().encode())
    made = [site.make("readings", key(hour)) for hour in (10, 11, 12)]
    assert [each["readings"] for each in made] == [8 * 360, 8 * 360, 0]
    # An hour that it no longer has loses what it had.
    site.media.write("readings/history.ndjson", table.head(8 * 360).write_ndjson().encode())
    made = [site.make("readings", key(hour)) for hour in (10, 11)]
    assert [(each["readings"], each["version"]) for each in made] == [(8 * 360, 2), (0, 2)]


def test_files_that_are_worth_it_are_read_by_several_processes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert WORTH_A_PROCESS > 1 << 20
    monkeypatch.setattr("sensor_pipeline.intake.WORTH_A_PROCESS", 1)
    monkeypatch.setattr("sensor_pipeline.intake.processors", lambda: 2)
    site.drop(readings_of(10))
    site.media.write(capture_name(at(10, 59)), b"broken")
    made = site.make("readings", key(10))
    assert (made["readings"], made["files"]) == (8 * 360, 5)
    assert "it cannot be read" in made["broken_files"]


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
