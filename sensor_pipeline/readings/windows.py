"""Readings into windows: one value of each sensor for each interval of the same length."""

from hashlib import blake2b
from typing import Any, Final, Literal

import polars as pl

Aggregate = Literal["mean", "min", "max", "median", "first", "last", "sum", "count"]

SCHEMA: Final[dict[str, Any]] = {
    "device": pl.Categorical,
    "sensor": pl.Categorical,
    "time": pl.Datetime("us"),
    "value": pl.Float64,
    "readings": pl.UInt32,
}


def without_duplicates(rows: pl.DataFrame) -> pl.DataFrame:
    """Each event once: a hub delivers some twice, under the same number of its partition."""
    numbered = rows.filter(pl.col("sequence").is_not_null())
    if numbered.is_empty():
        return rows
    once = numbered.unique(["hub", "sequence", "part"], keep="first", maintain_order=True)
    return (
        rows
        if len(once) == len(numbered)
        else pl.concat([rows.filter(pl.col("sequence").is_null()), once])
    )


def into_windows(rows: pl.DataFrame, *, seconds: int, aggregate: Aggregate) -> pl.DataFrame:
    """A row for each window with readings, named for its beginning; ordered by sensor and time.

    Rows of which a window has one each, as they are where they were aggregated before, stay as
    they are but for times between two windows.
    """
    value = pl.col("value")
    found = {
        "mean": value.mean(),
        "min": value.min(),
        "max": value.max(),
        "median": value.median(),
        "first": value.sort_by("time").first(),
        "last": value.sort_by("time").last(),
        "sum": value.sum(),
        "count": value.count(),
    }[aggregate]
    windows = (
        rows.lazy()
        .group_by("device", "sensor", pl.col("time").dt.truncate(f"{seconds}s").alias("window"))
        .agg(found.cast(pl.Float64).alias("value"), pl.len().alias("readings"))
        .rename({"window": "time"})
        .select(list(SCHEMA))
        .collect()
    )
    return ordered(windows)


def ordered(windows: pl.DataFrame) -> pl.DataFrame:
    """Windows or their scores by sensor and time: sorted by the three columns, it takes as long as
    all else that is done to them."""
    sensors = windows.select("device", "sensor").unique().sort("device", "sensor")
    return sensors.join(
        windows.sort("time"), on=["device", "sensor"], maintain_order="left_right"
    ).select(windows.columns)


def shard_of(device: str, sensor: str, shards: int) -> int:
    """Where a sensor belongs, on every machine and in every version."""
    named = f"{device}\0{sensor}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(named, digest_size=8).digest()) % shards


def in_shards(windows: pl.DataFrame, shards: int) -> list[pl.DataFrame]:
    """The windows of each shard, in their order."""
    named = windows.select("device", "sensor").unique(maintain_order=True)
    numbers = [shard_of(device, sensor, shards) for device, sensor in named.iter_rows()]
    marked = windows.join(
        named.with_columns(pl.Series("shard", numbers, dtype=pl.Int32)),
        on=["device", "sensor"],
        how="left",
        maintain_order="left",
    )
    parts = marked.partition_by("shard", as_dict=True, include_key=False, maintain_order=True)
    return [parts.get((shard,), windows.clear()) for shard in range(shards)]
