"""A plant of two machines on plain folders, whose hours are read, fitted and scored in-process."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from pipeline_kit.storage.store import Store
from sensor_pipeline.assets.anomalies import anomalies
from sensor_pipeline.assets.detectors import detectors
from sensor_pipeline.assets.readings import readings
from sensor_pipeline.assets.scores import scores
from sensor_pipeline.hour import fetch_windows
from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import SETTINGS, shard_hour
from sensor_pipeline.plant import Fault, capture, plant

ASSETS = [readings, detectors, scores, anomalies]
DAY = datetime(2026, 3, 1)
DEVICES = ("press-1", "press-2")
SHARDS = [f"{shard:03}" for shard in range(SETTINGS.shards)]


def key(hour: int) -> str:
    return f"2026-03-01-{hour:02}:00"


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute, seconds=second)


FAULT = Fault(
    device="press-1", sensor="pressure", start=at(3, 20), lasts=timedelta(minutes=3), kind="step"
)


@dataclass(frozen=True)
class Site:
    instance: dg.DagsterInstance
    media: Store
    ops: Store

    def drop(self, rows: pl.DataFrame, *, first: int = 0) -> list[str]:
        """Put readings where Capture does, a file every quarter of an hour; names of the files."""
        names = []
        quarters = rows.group_by(pl.col("time").dt.truncate("15m"), maintain_order=True)
        for (quarter,), part in quarters:
            assert isinstance(quarter, datetime)
            names.append(capture_name(quarter))
            self.media.write(names[-1], capture(part, first=first))
            first += len(part)
        return names

    def run(self, *hours: int) -> None:
        """Read and score those hours, and find their anomalies."""
        for hour in hours:
            self.make("readings", key(hour))
            self.score(hour)

    def score(self, hour: int) -> Mapping[str, Any]:
        """The metadata of its anomalies."""
        for shard in SHARDS:
            self.make("scores", shard_hour(key(hour), shard))
        return self.make("anomalies", key(hour))

    def fit(self, **config: Any) -> list[Mapping[str, Any]]:
        return [self.make("detectors", shard, **config) for shard in SHARDS]

    def make(self, asset: str, partition: str, **config: Any) -> Mapping[str, Any]:
        """The metadata of what is materialized. Raises `dagster.Failure`."""
        result = dg.materialize(
            ASSETS,
            selection=[asset],
            partition_key=partition,
            instance=self.instance,
            resources={"media": self.media, "ops": self.ops},
            run_config={"ops": {asset: {"config": config}}} if config else None,
        )
        (made,) = result.asset_materializations_for_node(asset)
        values = {name: value.value for name, value in made.metadata.items()}
        for check in result.get_asset_check_evaluations():
            values[check.check_name] = check.passed
        return values

    def windows(self, hour: int) -> pl.DataFrame:
        """Of all shards."""
        parts = [fetch_windows(self.ops, Hour(key(hour)), int(shard))[0] for shard in SHARDS]
        return pl.concat(parts).sort("device", "sensor", "time")

    def events(self, hour: int) -> list[dict[str, Any]]:
        about = json.loads(self.media.read(Hour(key(hour)).anomalies("json")))
        events: list[dict[str, Any]] = about["events"]
        return events


def capture_name(time: datetime) -> str:
    return f"readings/plant/telemetry/0/{time:%Y/%m/%d/%H/%M/%S}.avro"


def readings_of(
    hour: int, hours: int = 1, *, faults: Sequence[Fault] = (), seed: int = 1
) -> pl.DataFrame:
    return plant(DEVICES, start=at(hour), hours=hours, every=10, faults=faults, sway=0, seed=seed)


@contextmanager
def new_site(folder: Path) -> Iterator[Site]:
    stores = [Store(url=(folder / name).as_uri()) for name in ("media", "ops")]
    with dg.DagsterInstance.ephemeral() as instance:
        yield Site(instance, *stores)
