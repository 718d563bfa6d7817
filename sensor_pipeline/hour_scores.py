"""The scores of an hour, of all shards that have them."""

from dataclasses import dataclass

import polars as pl

from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detectors import SCORES
from sensor_pipeline.hour import HourNotRead, read_manifest
from sensor_pipeline.object_names import Hour
from sensor_pipeline.tables import read_table


@dataclass(frozen=True)
class HourScores:
    """What is scored of an hour."""

    scores: pl.DataFrame
    version: int
    """Of the readings; 0 where there are none."""
    missing: tuple[int, ...]
    """Shards that are not scored, or of which only an earlier version of the hour is."""
    outdated: tuple[int, ...] = ()
    """Those of the missing of which an earlier version is."""


def fetch_scores(ops: Store, hour: Hour, *, must_be_read: bool = True) -> HourScores:
    """Raises `HourNotRead` where the hour has to be there, and is not."""
    manifest = read_manifest(ops, hour)
    if manifest is None:
        if must_be_read:
            raise HourNotRead("its readings were not read")
        return HourScores(pl.DataFrame(schema=SCORES), 0, ())
    tables, missing, outdated = [pl.DataFrame(schema=SCORES)], [], []
    for shard in range(manifest.shards):
        try:
            found, about = read_table(ops, hour.scores(shard))
        except ObjectNotFound:
            missing.append(shard)
            continue
        if about.get("inputs") != manifest.inputs:
            missing.append(shard)
            outdated.append(shard)
            continue
        tables.append(found)
    return HourScores(pl.concat(tables), manifest.version, tuple(missing), tuple(outdated))
