"""Where objects are kept."""

from datetime import datetime

import pytest

from sensor_pipeline.object_names import Hour, digest, malformed, named_hour, outside, sorted_mark

HOUR = Hour("2026-03-01-10:00")


@pytest.mark.parametrize(
    "name",
    [
        HOUR.manifest,
        f"{HOUR.aside}/a.parquet",
        HOUR.incomplete,
        HOUR.windows(3),
        HOUR.scores(3),
        HOUR.anomalies("json"),
    ],
)
def test_what_belongs_to_an_hour_is_named_for_it(name: str) -> None:
    assert named_hour(name) == datetime(2026, 3, 1, 10)


def test_what_belongs_to_a_file_is_named_for_no_hour() -> None:
    file = "readings/ns/hub/0/2026/03/01/10/00/00.avro"
    for name in (malformed(file), outside(file), sorted_mark(file, "1")):
        assert named_hour(name) is None


def test_shards_are_numbered_as_their_partitions_are() -> None:
    assert HOUR.windows(3) == "sensors/windows/2026-03-01T10/003.parquet"
    assert HOUR.scores(3) == "sensors/scores/2026-03-01T10/003.parquet"


def test_every_version_of_a_file_has_its_own_mark_in_the_file_s_folder() -> None:
    one, two, other = sorted_mark("a", "1"), sorted_mark("a", "2"), sorted_mark("b", "1")
    assert len({one, two, other}) == 3
    folders = [mark.rpartition("/")[0] for mark in (one, two, other)]
    assert folders[0] == folders[1] != folders[2]


def test_a_name_that_is_no_text_has_a_digest() -> None:
    assert digest("\udcff.csv") != digest("\udcfe.csv")
