"""What chunks cost: seconds of a processor, how busy it was, and money."""

import time
from collections.abc import Collection, Mapping, Sequence
from operator import mul
from typing import Any

import dagster as dg

from style_pipeline.process.quota import processors

PAGE = 100
"""Materializations in memory at once: each has a picture."""
DIGITS = {"cpu_seconds": 3, "gpu_seconds": 3, "utilisation": 2, "cost": 4}


class Meter:
    """Runs from when it is made, for as long as a chunk is worked on."""

    def __init__(self) -> None:
        self.started, self.computed = time.monotonic(), time.process_time()

    def read(self, *, gpu_busy: float | None, price_per_hour: float | None) -> dict[str, float]:
        """What was spent until now, as metadata.

        A chunk on a GPU, which computed for `gpu_busy` seconds, tells for how many `gpu_seconds` it
        had it; one on a CPU, how many `cpu_seconds` all cores together computed. `utilisation` is
        the share of the time, of the GPU or of all cores, in which they computed. `cost` is that of
        the time, at so much an hour.
        """
        seconds = time.monotonic() - self.started
        if gpu_busy is not None:
            spent = {"gpu_seconds": seconds, "utilisation": gpu_busy / seconds}
        else:
            computed = time.process_time() - self.computed
            cores = processors()
            spent = {"cpu_seconds": computed, "utilisation": computed / (seconds * cores)}
        if price_per_hour is not None:
            spent["cost"] = seconds / 3600 * price_per_hour
        return {name: round(value, DIGITS[name]) for name, value in spent.items()}


def latest_metadata(
    instance: dg.DagsterInstance, asset: dg.AssetKey, partitions: Collection[str]
) -> list[Mapping[str, Any]]:
    """The metadata values of the latest materialization of each partition that has any.

    A partition that was materialized often is looked for in as many queries as there are
    partitions, of a hundred materializations each.
    """
    found: dict[str, Mapping[str, Any]] = {}
    wanted = dg.AssetRecordsFilter(asset, asset_partitions=list(partitions))
    cursor: str | None = None
    for _ in partitions:
        page = instance.fetch_materializations(wanted, limit=PAGE, cursor=cursor)
        for record in page.records:
            made = record.asset_materialization
            if made and made.partition and made.partition not in found:
                found[made.partition] = {n: value.value for n, value in made.metadata.items()}
        if len(found) == len(partitions) or not page.has_more:
            break
        cursor = page.cursor
    return list(found.values())


def in_total(chunks: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of a film, what the metadata of its chunks tells of each: sums, and the utilisation's mean.

    Nothing is told that some of the chunks do not tell, as they are older or had no price: it would
    mislead. Where some were on a GPU and some on a CPU, both seconds are told.
    """
    painted = [chunk for chunk in chunks if chunk.get("frames")]

    def told(name: str) -> list[float]:
        return [float(chunk[name]) for chunk in painted if name in chunk]

    if not painted or len(told("utilisation")) < len(painted):
        return {}
    sums = {name: sum(told(name)) for name in ("gpu_seconds", "cpu_seconds") if told(name)}
    frames = told("frames")
    sums["utilisation"] = sum(map(mul, told("utilisation"), frames)) / sum(frames)
    if len(told("cost")) == len(painted):
        sums["cost"] = sum(told("cost"))
    return {name: round(value, DIGITS[name]) for name, value in sums.items()}
