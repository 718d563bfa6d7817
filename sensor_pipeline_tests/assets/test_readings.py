"""What is said of an hour that was read."""

import json

from sensor_pipeline.object_names import malformed
from sensor_pipeline.plant import capture, capture_of
from sensor_pipeline_tests.site import Site, at, capture_name, key, readings_of


def test_events_that_a_hub_delivered_twice_count_once(site: Site) -> None:
    rows = readings_of(10)
    site.media.write(capture_name(at(10)), capture(rows))
    site.media.write(capture_name(at(10, 30)), capture(rows.head(100)))
    made = site.make("readings", key(10))
    assert (made["readings"], made["duplicates"]) == (len(rows), 100)
    assert site.windows(10)["readings"].max() == 1


def test_of_files_without_a_date_too_it_is_said_what_could_not_be_read(site: Site) -> None:
    table = b"TS,Device,Tag,Value\n2026-03-01T10:00:05Z,a,t,1\n9e15,a,t,1\n1999-01-01,a,t,1\n"
    site.media.write("readings/mine.csv", table + b"1999-01-01 00:00,a,t,1\n")
    site.media.write("readings/other.csv", b"a\n1\n")
    made = site.make("readings", key(10))
    assert (made["readings"], made["malformed"], made["of_no_hour"]) == (1, 2, 1)
    assert made["broken_files"].startswith("readings/other.csv: it has no column")
    assert made["files_can_be_read"] is False


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
