"""What detectors learn from, and how good they are on what they did not learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from pipeline_kit.storage.objects import ObjectNotFound
from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detector_file import BadDetectors, load_detectors
from sensor_pipeline.detection.detectors import IMPORTED, Detectors, score_windows
from sensor_pipeline.detection.fit import Fitted, Recipe, fit_all
from sensor_pipeline.hour import read_manifest
from sensor_pipeline.library import of_shard
from sensor_pipeline.object_names import HOURS, Hour, named_hour
from sensor_pipeline.readings.names import key_of
from sensor_pipeline.readings.windows import SCHEMA, in_shards, ordered
from sensor_pipeline.tables import read_table

HELD_BACK = timedelta(days=1)
"""The latest windows, at most, that detectors are tried on and do not learn from."""
HELD_BACK_SHARE = 0.2
NEW_NORMAL = 0.5
"""A sensor of which more than this share was flagged has changed for good: all is learned from."""


@dataclass(frozen=True)
class Trained:
    """Detectors of a shard and what they were made of."""

    detectors: Detectors
    failed: tuple[str, ...] = ()
    windows: int = 0
    left_out: int = 0
    """Windows that were flagged, and not learned from."""
    support: float = 0.0
    """Share of the windows learned from that are support vectors."""


def recent_hours(ops: Store, *, days: int) -> list[Hour]:
    """The hours that were read, of the last days that were."""
    found = sorted(filter(None, (named_hour(each.name) for each in ops.list(HOURS))))
    since = found[-1] - timedelta(days=days) if found else datetime.min
    return [Hour(key_of(hour)) for hour in found if hour > since]


def recent_windows(ops: Store, hours: Sequence[Hour], shard: int, shards: int) -> pl.DataFrame:
    """A shard's windows of those hours with a column `flagged`, ordered by sensor and time.

    Hours that were read for another count of shards are gone through whole.
    """
    tables = [pl.DataFrame(schema={**SCHEMA, "flagged": pl.Boolean})]
    for hour in hours:
        manifest = read_manifest(ops, hour)
        if manifest is None:
            continue
        same = manifest.shards == shards
        for number in [shard] if same else range(manifest.shards):
            try:
                windows, _ = read_table(ops, hour.windows(number))
            except ObjectNotFound:
                continue
            marked = _with_flags(ops, hour, number, windows)
            tables.append(marked if same else in_shards(marked, shards)[shard])
    return ordered(pl.concat(tables))


def _with_flags(ops: Store, hour: Hour, shard: int, windows: pl.DataFrame) -> pl.DataFrame:
    try:
        scores, _ = read_table(ops, hour.scores(shard))
    except ObjectNotFound:  # not scored yet
        return windows.with_columns(flagged=pl.lit(False))
    flags = scores.select(
        "device",
        "sensor",
        "time",
        flagged=(pl.col("score") >= pl.col("threshold")).fill_null(False),
    )
    return windows.join(
        flags, on=["device", "sensor", "time"], how="left", maintain_order="left"
    ).with_columns(pl.col("flagged").fill_null(False))


def train(
    windows: pl.DataFrame,
    recipe: Recipe,
    *,
    before: Detectors | None,
    refit_imported: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Trained:
    """Fit a detector of each sensor of `windows`, and keep those of `before` that cannot be.

    Imported ones stay until they are to be refitted.
    """
    learned, _ = hold_back(windows)
    calm = learned.filter(
        ~pl.col("flagged") | (pl.col("flagged").mean().over("device", "sensor") > NEW_NORMAL)
    )
    kept = {
        name: detector
        for name, detector in (before.by_sensor if before else {}).items()
        if before and before.features == recipe.features
    }
    stay = {} if refit_imported else {n: d for n, d in kept.items() if d.origin == IMPORTED}
    named = pl.DataFrame(
        list(stay), schema=dict.fromkeys(("device", "sensor"), pl.Categorical), orient="row"
    )
    to_fit = calm.join(named, on=["device", "sensor"], how="anti", maintain_order="left")
    fitted: Fitted = fit_all(to_fit, recipe, on_progress=on_progress)
    detectors = Detectors.of(
        recipe.features,
        {**kept, **fitted.detectors.by_sensor, **stay}.values(),
    )
    vectors = sum(len(each.coefficients) for each in fitted.detectors.by_sensor.values())
    counted = to_fit.group_by("device", "sensor").len()["len"]
    seen = sum(-(-n // -(-n // recipe.most_windows)) for n in counted.to_list())
    return Trained(
        detectors=detectors,
        failed=fitted.failed,
        windows=len(calm),
        left_out=len(learned) - len(calm),
        support=vectors / seen if seen else 0.0,
    )


def flagged_share(windows: pl.DataFrame, detectors: Detectors) -> float:
    """Of the windows that are held back of these, the share that the detectors flag."""
    _, held_back = hold_back(windows)
    tried = score_windows(held_back, detectors, digest="").scores
    judged = tried.filter(pl.col("score").is_not_null())
    return float((judged["score"] >= judged["threshold"]).sum()) / max(1, len(judged))


def hold_back(windows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is learned from, and what detectors are tried on: the last day, or fifth of the time."""
    if windows.is_empty():
        return windows, windows
    first, last = windows["time"].min(), windows["time"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    since = last - min(HELD_BACK, (last - first) * HELD_BACK_SHARE)
    return windows.filter(pl.col("time") <= since), windows.filter(pl.col("time") > since)


def imported(
    store: Store, name: str, shard: int, shards: int, *, features: Sequence[str], folder: Path
) -> Detectors:
    """The shard's detectors in a file that somebody brought, that see those features.

    Raises `BadDetectors`.
    """
    path = folder / "imported.safetensors"
    store.download(name, path)
    try:
        found = load_detectors(path, origin=IMPORTED)
    except BadDetectors as error:
        raise BadDetectors(f"{store.location(name)}: {error}") from None
    if found.features != tuple(features):
        raise BadDetectors(
            f"{store.location(name)}: its features are {','.join(found.features)}, and those of "
            f"all detectors are set to {','.join(features)}"
        )
    return Detectors.of(found.features, of_shard(found, shard, shards))
