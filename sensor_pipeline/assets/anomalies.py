"""anomalies: what was unusual in an hour, at all sensors."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import dagster as dg
import polars as pl
from PIL import Image

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures, warning
from pipeline_kit.orchestration.metadata import shown
from pipeline_kit.storage.store import Store
from sensor_pipeline.assets.scores import scores
from sensor_pipeline.automation_conditions import HOUR_IS_DUE
from sensor_pipeline.detection.events import SCHEMA, Event, find_events
from sensor_pipeline.hour_scores import fetch_scores
from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import SETTINGS, hours
from sensor_pipeline.plot import plot, table
from sensor_pipeline.readings.names import HOUR, hour_of, key_of
from sensor_pipeline.tables import write_table

NOTHING_CHECK, SHARDS_CHECK = "nothing_unusual", "all_shards_are_scored"
CHECKS = {
    NOTHING_CHECK: "No sensor was flagged in this hour.",
    SHARDS_CHECK: "Every shard of this version of the hour is scored.",
}


@dg.asset(
    partitions_def=hours,
    deps=[scores],
    automation_condition=HOUR_IS_DUE,
    group_name="sensors",
    kinds={"parquet"},
    owners=["team:sensors"],
    op_tags=SETTINGS.pod.tags(),
    check_specs=[
        dg.AssetCheckSpec(name, asset="anomalies", description=description)
        for name, description in CHECKS.items()
    ],
)
def anomalies(
    context: dg.AssetExecutionContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """Events of the hour: flagged windows that belong together, the worst first, with a plot.

    An event that began in the hour before goes on. Shards that are not scored are named, and the
    others count.
    """
    hour = Hour(context.partition_key)
    with clear_failures(context, hour.key, may_stop=False), scratch():
        found = fetch_scores(ops, hour)
        events = events_of(ops, hour, found.scores)
        rows = [_row(event) for event in events]
        write_table(media, hour.anomalies("parquet"), pl.DataFrame(rows, schema=SCHEMA))
        about: dict[str, Any] = {
            "hour": hour.key,
            "version": found.version,
            "missing_shards": list(found.missing),
            "events": [event.as_json() for event in events],
        }
        media.write(hour.anomalies("json"), json.dumps(about, indent=1).encode())
        if found.missing:
            ops.write(hour.incomplete, json.dumps(found.missing).encode())
        else:
            ops.delete(hour.incomplete)
        pictures: dict[str, Any] = {}
        if events:
            png = plot(events, found.scores, title=f"{hour.key} UTC, the worst of {len(events)}")
            media.write(hour.anomalies("png"), png)
            with Image.open(BytesIO(png)) as image:
                pictures = {"plot": shown(image.convert("RGB"), "plot")}
        else:
            media.delete(hour.anomalies("png"))
    missing = ", ".join(f"{shard:03}" for shard in found.missing)
    again = f"shards {missing} are not scored: materialize scores of {hour.key} for them"
    if found.missing:
        context.log.warning(f"{hour.key}: {again}")
    yield dg.MaterializeResult(
        metadata={
            "events": len(events),
            **({"worst": dg.MetadataValue.md(table(events))} if events else {}),
            **pictures,
            "sensors": found.scores.select("device", "sensor").n_unique(),
            "windows": len(found.scores),
            "version": found.version,
            "missing_shards": missing or "none",
            "location": dg.MetadataValue.path(media.location(hour.anomalies("json"))),
        },
        check_results=[
            warning(NOTHING_CHECK, not events, f"{len(events)} events"),
            warning(SHARDS_CHECK, not missing, again if missing else "all"),
        ],
    )


def events_of(ops: Store, hour: Hour, now: pl.DataFrame) -> list[Event]:
    """The events that reach into the hour; the hour before, where it was scored, has some begin."""
    start = hour_of(hour.key)
    if not (now["score"] >= now["threshold"]).any():
        return []
    before = fetch_scores(ops, Hour(key_of(start - HOUR)), must_be_read=False).scores
    found = find_events(pl.concat([before, now]), SETTINGS.hysteresis, window=SETTINGS.window)
    return [event for event in found if event.end > start]


def _row(event: Event) -> dict[str, datetime | float | str | bool]:
    return {name: getattr(event, name) for name in SCHEMA}
