"""An hour of readings: from files into windows, a table for each shard."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from pipeline_kit.errors import PermanentError
from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store
from sensor_pipeline.arrivals import Inputs, inputs_by_hour, to_sort
from sensor_pipeline.intake import Counts, Intake, split
from sensor_pipeline.object_names import ASIDE, SORTED, Hour
from sensor_pipeline.readings.names import FOLDER, HOUR, arrival_of, hour_of
from sensor_pipeline.readings.rows import empty
from sensor_pipeline.readings.windows import (
    Aggregate,
    in_shards,
    into_windows,
    without_duplicates,
)
from sensor_pipeline.tables import read_table, write_table


class HourNotRead(PermanentError):
    """There are no windows of an hour yet."""

    remedy = "materialize readings of this hour"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What the windows of an hour were made of."""

    inputs: str
    """`Inputs.version`."""
    version: int
    """Counts from 1: an hour whose files changed is read again as the next."""
    shards: int
    """As many as there were then."""
    readings: int
    files: Mapping[str, str]
    """ETags of the files, and of what had been put aside, by name."""
    aside: Sequence[str] = ()
    """Objects that this hour's files left to others."""


@dataclass(frozen=True)
class HourRead:
    """What reading an hour led to."""

    manifest: Manifest
    counts: Counts
    windows: int
    sensors: int
    duplicates: int
    came_late: int
    """Readings of this hour from files of others."""
    changed: tuple[str, ...]
    """Files that the version before did not have, or had otherwise."""


def read_manifest(ops: Store, hour: Hour) -> Manifest | None:
    """None where the hour was never read."""
    try:
        return Manifest(**json.loads(ops.read(hour.manifest)))
    except ObjectNotFound:
        return None


def sort_files(intake: Intake) -> Counts:
    """Put the readings of all files that do not say when they arrived into their hours."""
    counts = Counts()
    for file in to_sort(intake.media.list(FOLDER), intake.ops.list(SORTED)):
        intake.sort(file, counts)
    return counts


def inputs_of(media: Store, ops: Store, hour: Hour, *, wait: timedelta) -> Inputs:
    """What the hour is made of now."""
    found = inputs_by_hour(media.list(FOLDER), ops.list(ASIDE), wait=wait)
    return found.get(hour_of(hour.key), Inputs())


def read_hour(
    intake: Intake,
    hour: Hour,
    *,
    shards: int,
    seconds: int,
    aggregate: Aggregate,
    wait: timedelta,
) -> HourRead:
    """Read all that is of the hour into windows, and put aside what its files have of others."""
    media, ops, start = intake.media, intake.ops, hour_of(hour.key)
    counts = sort_files(intake)
    before = read_manifest(ops, hour)
    inputs = inputs_of(media, ops, hour, wait=wait)
    placed, tables = list[str](), [empty()]
    for file, rows in intake.read(inputs.files, counts):
        ours, others = split(rows, start)
        tables.append(ours)
        arrival = arrival_of(file.name)
        # Of a file that came while this hour was waited for, its own hour keeps the rest.
        if len(others) and arrival is not None and start <= arrival < start + HOUR:
            placed += intake.put_aside(file, others, counts, arrived=start)
    late = [read_table(ops, found.name)[0] for found in inputs.aside]
    rows = pl.concat(tables + late)
    once = without_duplicates(rows)
    windows = into_windows(once, seconds=seconds, aggregate=aggregate)
    known = {each.name: each.etag for each in (*inputs.files, *inputs.aside)}
    manifest = Manifest(
        inputs=inputs.version,
        version=before.version + 1 if before else 1,
        shards=shards,
        readings=len(once),
        files=known,
        aside=placed,
    )
    for number, shard in enumerate(in_shards(windows, shards)):
        write_table(ops, hour.windows(number), shard, inputs=inputs.version)
    for number in range(shards, before.shards if before else 0):
        ops.delete(hour.windows(number))
        ops.delete(hour.scores(number))
    for left in set(before.aside if before else ()) - set(placed):
        ops.delete(left)
    ops.write(hour.manifest, json.dumps(asdict(manifest)).encode())
    had: Mapping[str, Any] = before.files if before else known
    return HourRead(
        manifest=manifest,
        counts=counts,
        windows=len(windows),
        sensors=windows.select("device", "sensor").n_unique() if len(windows) else 0,
        duplicates=len(rows) - len(once),
        came_late=sum(map(len, late)),
        changed=tuple(sorted(name for name in {*known, *had} if known.get(name) != had.get(name))),
    )


def fetch_windows(ops: Store, hour: Hour, shard: int) -> tuple[pl.DataFrame, Manifest]:
    """The windows of a shard's hour. Raises `HourNotRead`."""
    manifest = read_manifest(ops, hour)
    if manifest is None:
        raise HourNotRead("its readings were not read")
    if shard >= manifest.shards:
        return into_windows(empty(), seconds=1, aggregate="mean"), manifest
    try:
        windows, _ = read_table(ops, hour.windows(shard))
    except ObjectNotFound as error:
        raise HourNotRead(f"its windows are gone ({error})") from None
    return windows, manifest
