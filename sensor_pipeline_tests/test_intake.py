"""How files are read: by several processes where it is worth it, and into the hours they have."""

from datetime import timedelta

import polars as pl
import pytest

from sensor_pipeline.intake import WORTH_A_PROCESS
from sensor_pipeline_tests.site import Site, at, capture_name, key, readings_of


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
