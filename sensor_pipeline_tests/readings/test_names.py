"""What the names of files say."""

from datetime import datetime

import pytest

from pipeline_kit.storage.objects import StoredObject
from sensor_pipeline.readings.names import arrival_of, hour_of, hub_of, is_readings, key_of


@pytest.mark.parametrize(
    ("name", "arrived", "hub"),
    [
        ("r/ns/hub/3/2026/03/01/10/05/07.avro", datetime(2026, 3, 1, 10, 5, 7), "r/ns/hub/3"),
        ("r/hub/y=2026/m=03/d=01/h=10/0.avro", datetime(2026, 3, 1, 10), "r/hub/0"),
        ("r/2026/03/01/10/a.csv", datetime(2026, 3, 1, 10), "r/a.csv"),
        ("r/2026/13/01/10/05/00.avro", None, "r"),
        ("r/plant.csv", None, "r/plant.csv"),
    ],
)
def test_a_name_says_when_a_file_arrived_and_from_which_hub(
    name: str, arrived: datetime | None, hub: str
) -> None:
    assert arrival_of(name) == arrived
    assert hub_of(name) == hub


@pytest.mark.parametrize(
    ("name", "size", "read"),
    [
        ("r/a.AVRO", 5, True),
        ("r/a.jsonl", 5, True),
        ("r/a.csv", 0, False),
        ("r/a.txt", 5, False),
        ("r/.a.csv", 5, False),
    ],
)
def test_files_of_other_kinds_empty_and_hidden_ones_lie_unread(
    name: str, size: int, read: bool
) -> None:
    assert is_readings(StoredObject(name=name, size=size, etag="1")) is read


def test_a_time_is_in_the_partition_of_its_hour() -> None:
    assert key_of(datetime(2026, 3, 1, 10, 59, 59)) == "2026-03-01-10:00"
    assert hour_of("2026-03-01-10:00") == datetime(2026, 3, 1, 10)
