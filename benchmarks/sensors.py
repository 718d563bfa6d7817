"""``python -m benchmarks.sensors``: an hour of many sensors, from Avro to anomalies.

10,000 sensors with a reading every five seconds, 7.2 million events in files as Event Hubs Capture
writes them, are read, aggregated, scored and searched for events by the pipeline's own functions,
on the cores that there are. Detectors are fitted before, and not counted. Beside the time that
passed is what cores computed, whatever else they did meanwhile; rates are of that. Memory is the
most that this process and the largest of its children had.
"""

import argparse
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline_kit.machine.cgroup import processors
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detectors import score_windows
from sensor_pipeline.detection.events import Hysteresis, find_events
from sensor_pipeline.detection.fit import Recipe, fit_all
from sensor_pipeline.hour import fetch_windows, read_hour
from sensor_pipeline.hour_scores import fetch_scores
from sensor_pipeline.intake import Intake
from sensor_pipeline.library import current_detectors, publish
from sensor_pipeline.object_names import Hour
from sensor_pipeline.plant import capture
from sensor_pipeline.readings.files import read_file
from sensor_pipeline.readings.rows import Fields
from sensor_pipeline.readings.windows import in_shards, into_windows
from sensor_pipeline.tables import write_table

HOUR = Hour("2026-03-01-10:00")
START = datetime(2026, 3, 1, 10)
SHARDS = 2
MINUTES = 5
"""Of a file, as Capture is usually set."""


class Taken(NamedTuple):
    """Seconds that passed, and those that cores computed, of processes that ended as well."""

    passed: float
    computed: float


def readings(sensors: int, *, start: datetime, minutes: int) -> pl.DataFrame:
    """A reading of each sensor every five seconds, a hundred sensors a device; ordered by time."""
    steps = minutes * 12
    number = np.tile(np.arange(sensors), steps)
    seconds = np.repeat(np.arange(steps) * 5, sensors)
    random = np.random.default_rng(start.minute)
    return pl.DataFrame(
        {
            "time": np.datetime64(start, "us") + seconds.astype("timedelta64[s]"),
            "device": number // 100,
            "sensor": number % 100,
            "value": random.normal(50, 3, len(number)),
        }
    ).with_columns(
        pl.format("device-{}", "device").alias("device"),
        pl.format("sensor-{}", "sensor").alias("sensor"),
    )


def write_file(where: tuple[str, int, int, int]) -> None:
    """One file of an hour: a folder, the number of sensors, a minute, the first event's number."""
    folder, sensors, minute, first = where
    start = START + timedelta(minutes=minute)
    name = f"readings/ns/hub/0/{start:%Y/%m/%d/%H/%M/%S}.avro"
    rows = readings(sensors, start=start, minutes=MINUTES)
    Store(url=Path(folder).as_uri()).write(name, capture(rows, first=first))


@contextmanager
def timed(steps: dict[str, Taken], name: str) -> Iterator[None]:
    started, computed = time.monotonic(), sum(os.times()[:4])
    yield
    steps[name] = Taken(time.monotonic() - started, sum(os.times()[:4]) - computed)


def score_shard(ops: Store, shard: int, folder: Path) -> float:
    """As the asset does it; returns what a core computed for the scoring itself, in seconds."""
    windows, manifest = fetch_windows(ops, HOUR, shard)
    current = current_detectors(ops, shard, SHARDS, folder=folder)
    assert current
    started = time.process_time()
    found = score_windows(windows, current[0], digest=current[1])
    seconds = time.process_time() - started
    write_table(ops, HOUR.scores(shard), found.scores, inputs=manifest.inputs, detectors=current[1])
    return seconds


def measure(folder: Path, sensors: int) -> None:
    media, ops = (Store(url=(folder / name).as_uri()) for name in ("media", "ops"))
    each = sensors * MINUTES * 12
    files = [
        (str(folder / "media"), sensors, m, n * each) for n, m in enumerate(range(0, 60, MINUTES))
    ]
    with get_context("spawn").Pool(processors()) as pool:
        pool.map(write_file, files, chunksize=1)
    size = sum(found.size for found in media.list("readings"))
    before = readings(sensors, start=START - timedelta(hours=1), minutes=10)
    known = into_windows(before, seconds=5, aggregate="mean")
    for shard, windows in enumerate(in_shards(known, SHARDS)):
        fitted = fit_all(windows, Recipe())
        publish(ops, shard, SHARDS, fitted.detectors, folder=folder)
    del before, known
    steps: dict[str, Taken] = {}
    with scratch() as work:
        intake = Intake(
            media=media,
            ops=ops,
            fields=Fields(),
            folder=work,
            first=START - timedelta(days=1),
            until=START + timedelta(days=1),
        )
        with timed(steps, "read, aggregate, store windows"):
            read = read_hour(
                intake, HOUR, shards=SHARDS, seconds=5, aggregate="mean", wait=timedelta(minutes=10)
            )
        scoring = 0.0
        with timed(steps, "score, store scores"):
            for shard in range(SHARDS):
                scoring += score_shard(ops, shard, work)
        with timed(steps, "find events"):
            scores = fetch_scores(ops, HOUR).scores
            events = find_events(scores, Hysteresis(), window=timedelta(seconds=5))
    memory = [
        resource.getrusage(who).ru_maxrss >> 10
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    name = media.list("readings")[0].name
    path = folder / "media" / name
    started = time.process_time()
    parsed = read_file(path, name, Fields())
    decoding = time.process_time() - started
    into_windows(parsed.rows, seconds=5, aggregate="mean")
    aggregating = time.process_time() - started - decoding
    events_read = read.manifest.readings
    print(f"{sensors} sensors, {events_read} events, {size >> 20} MiB, {processors()} cores")
    total = Taken(*map(sum, zip(*steps.values(), strict=True)))
    for step, taken in {**steps, "from Avro to anomalies": total}.items():
        print(f"{step:30} {taken.passed:7.1f} s, computed {taken.computed:7.1f} s")
    print(f"{len(events)} events found")
    decoded, aggregated = (
        len(parsed.rows) / decoding,
        len(parsed.rows) / aggregating,
    )
    print(f"decoded {decoded:,.0f} events a second and core, aggregated {aggregated:,.0f}")
    print(f"scored {sensors / scoring:,.0f} sensor-hours a second and core")
    print(f"memory: {memory[0]} MiB, and {memory[1]} MiB of the largest reader")


def main() -> None:
    parser = argparse.ArgumentParser(description="An hour of many sensors, from Avro to anomalies.")
    parser.add_argument("--sensors", type=int, default=10_000)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        measure(Path(folder), options.sensors)


if __name__ == "__main__":
    main()
