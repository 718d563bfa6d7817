"""Which files an hour is made of."""

from datetime import datetime, timedelta

from pipeline_kit.storage.objects import StoredObject
from sensor_pipeline.arrivals import inputs_by_hour, settled_hours, to_sort
from sensor_pipeline.object_names import ASIDE, part, sorted_mark

WAIT = timedelta(minutes=10)
TEN, ELEVEN = datetime(2026, 3, 1, 10), datetime(2026, 3, 1, 11)


def file(name: str, etag: str = "1", size: int = 5) -> StoredObject:
    return StoredObject(name=name, size=size, etag=etag)


def captured(hour: int, minute: int) -> StoredObject:
    return file(f"readings/ns/hub/0/2026/03/01/{hour:02}/{minute:02}/00.avro")


def test_an_hour_has_its_files_and_those_that_came_while_it_was_waited_for() -> None:
    files = [captured(10, 0), captured(10, 55), captured(11, 5), captured(11, 10)]
    found = inputs_by_hour(files, [], wait=WAIT)
    assert found[TEN].files == (files[0], files[1], files[2])
    assert found[ELEVEN].files == (files[2], files[3])


def test_what_was_put_aside_of_a_file_that_is_read_anyway_counts_once() -> None:
    read, late = captured(11, 5), captured(13, 0)
    aside = [file(f"{ASIDE}/2026-03-01T10/{part(each.name)}") for each in (read, late)]
    found = inputs_by_hour([captured(10, 0), read, late], aside, wait=WAIT)
    assert found[TEN].aside == (aside[1],)


def test_an_hour_without_files_has_nothing_but_what_was_put_aside() -> None:
    later = captured(11, 5)
    assert TEN not in inputs_by_hour([later], [], wait=WAIT)
    aside = [file(f"{ASIDE}/2026-03-01T10/{part(later.name)}")]
    assert inputs_by_hour([later], aside, wait=WAIT)[TEN].aside == tuple(aside)


def test_an_hour_is_another_when_a_file_came_changed_or_went() -> None:
    one, two = captured(10, 0), captured(10, 5)
    changed = file(one.name, etag="2")
    versions = {
        inputs_by_hour(files, [], wait=WAIT)[TEN].version
        for files in ([one], [one, two], [changed], [changed, two])
    }
    assert len(versions) == 4
    orders = [
        inputs_by_hour(files, [], wait=WAIT)[TEN].version for files in ([one, two], [two, one])
    ]
    assert orders[0] == orders[1]


def test_hours_that_are_to_come_or_being_read_wait() -> None:
    inputs = inputs_by_hour([captured(hour, 30) for hour in (9, 10, 11, 12)], [], wait=WAIT)
    found = settled_hours(inputs, first=TEN, until=datetime(2026, 3, 1, 12), in_flight=[ELEVEN])
    assert [each.name for each in found] == [TEN.isoformat()]


def test_files_without_a_date_are_sorted_once_a_version() -> None:
    files = [file("readings/a.csv"), file("readings/b.csv"), captured(10, 0)]
    junk = [file("readings/c.txt"), file("readings/.hidden.csv"), file("readings/e.csv", size=0)]
    marks = [file(sorted_mark("readings/a.csv", "1"))]
    assert to_sort([*files, *junk], marks) == [files[1]]
    assert to_sort([file("readings/a.csv", etag="2")], marks)
