"""Which files an hour is made of: decisions only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from pipeline_kit.storage.objects import StoredObject
from sensor_pipeline.object_names import named_hour, part, sorted_mark
from sensor_pipeline.readings.names import HOUR, arrival_of, is_readings


@dataclass(frozen=True)
class Inputs:
    """What an hour is made of."""

    files: tuple[StoredObject, ...] = ()
    """That arrived in it, or while it was waited for afterwards."""
    aside: tuple[StoredObject, ...] = ()
    """Readings of it that came in other files."""

    @property
    def version(self) -> str:
        """The same as long as they are."""
        named = sorted((each.name, each.etag) for each in (*self.files, *self.aside))
        return blake2b(repr(named).encode(), digest_size=12).hexdigest()

    @property
    def bytes(self) -> int:
        return sum(each.size for each in (*self.files, *self.aside))


def inputs_by_hour(
    listing: Iterable[StoredObject], aside: Iterable[StoredObject], *, wait: timedelta
) -> dict[datetime, Inputs]:
    """What each hour is made of.

    A file that arrived within `wait` after an hour that has files belongs to that hour as well as
    to its own: Capture closes a file minutes after the first reading in it. What was put aside of a
    file that is read anyway does not count twice.
    """
    files: defaultdict[datetime, list[StoredObject]] = defaultdict(list)
    waited_for: list[tuple[datetime, StoredObject]] = []
    for found in listing:
        if is_readings(found) and (arrival := arrival_of(found.name)):
            hour = hour_floor(arrival)
            files[hour].append(found)
            # One that came just when the waiting was over is no longer of the hour before.
            if arrival < hour + wait:
                waited_for.append((hour - HOUR, found))
    for hour, found in waited_for:
        if hour in files:
            files[hour].append(found)
    parts: defaultdict[datetime, list[StoredObject]] = defaultdict(list)
    for found in aside:
        if hour_named := named_hour(found.name):
            direct = {part(file.name) for file in files[hour_named]}
            if found.name.rpartition("/")[2] not in direct:
                parts[hour_named].append(found)
    return {
        hour: Inputs(tuple(files[hour]), tuple(parts[hour]))
        for hour in sorted({*files, *parts})
        if files[hour] or parts[hour]
    }


def hour_floor(time: datetime) -> datetime:
    """The beginning of its hour."""
    return time.replace(minute=0, second=0, microsecond=0)


def to_sort(listing: Iterable[StoredObject], marks: Iterable[StoredObject]) -> list[StoredObject]:
    """Files that do not say when they arrived, and were not yet sorted into hours."""
    done = {mark.name for mark in marks}
    return [
        found
        for found in listing
        if is_readings(found)
        and arrival_of(found.name) is None
        and sorted_mark(found.name, found.etag) not in done
    ]


def settled_hours(
    inputs: Mapping[datetime, Inputs],
    *,
    first: datetime,
    until: datetime,
    in_flight: Iterable[datetime],
) -> list[StoredObject]:
    """Hours as the objects of a ledger: an hour whose inputs changed is one of another ETag.

    Left out, and so taken up later, are those that a run is for, and those after `until`, which
    the schedule begins with.
    """
    busy = set(in_flight)
    return [
        StoredObject(name=hour.isoformat(), size=made_of.bytes, etag=made_of.version)
        for hour, made_of in inputs.items()
        if first <= hour < until and hour not in busy
    ]
