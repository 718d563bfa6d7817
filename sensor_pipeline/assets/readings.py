"""readings: what arrived for an hour, in windows."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures, warning
from pipeline_kit.storage.store import Store
from sensor_pipeline.hour import read_hour
from sensor_pipeline.intake import Intake
from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import SETTINGS, hours
from sensor_pipeline.readings.names import HOUR, utc_now

FILES_CHECK = "files_can_be_read"
CLOCKS_DIFFER = 24 * HOUR
"""Readings that are further in the future belong to no hour that will come."""


def intake(media: Store, ops: Store, folder: Path) -> Intake:
    """What reads files, as the settings say."""
    until = min(SETTINGS.after_last_hour or utc_now() + CLOCKS_DIFFER, utc_now() + CLOCKS_DIFFER)
    return Intake(
        media=media,
        ops=ops,
        fields=SETTINGS.fields,
        folder=folder,
        first=SETTINGS.first_hour,
        until=until,
    )


@dg.asset(
    partitions_def=hours,
    group_name="sensors",
    kinds={"polars", "parquet"},
    owners=["team:sensors"],
    op_tags=SETTINGS.pod.tags(),
    check_specs=[
        dg.AssetCheckSpec(
            FILES_CHECK,
            asset="readings",
            description="Every file of the hour is one of readings, and every row a reading.",
        )
    ],
)
def readings(
    context: dg.AssetExecutionContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """What arrived for the hour in files of readings, aggregated over windows of a few seconds.

    Late and malformed readings are counted and kept aside. An hour whose files changed is read
    again as the next version.
    """
    hour = Hour(context.partition_key)
    with clear_failures(context, hour.key, may_stop=False), scratch() as folder:
        found = read_hour(
            intake(media, ops, folder),
            hour,
            shards=SETTINGS.shards,
            seconds=SETTINGS.window_seconds,
            aggregate=SETTINGS.aggregate,
            wait=SETTINGS.wait,
        )
    counts, manifest = found.counts, found.manifest
    for line in counts.broken:
        context.log.warning(f"{hour.key}: {line}")
    if manifest.version > 1:
        changed = ", ".join(found.changed[:10]) or "nothing changed"
        context.log.info(f"{hour.key}: version {manifest.version}: {changed}")
    wrong = [*counts.broken, *([f"{counts.malformed} malformed rows"] if counts.malformed else [])]
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.inputs),
        metadata={
            "readings": manifest.readings,
            "windows": found.windows,
            "sensors": found.sensors,
            "version": manifest.version,
            "changed_since_the_version_before": "\n".join(found.changed) or "nothing",
            "came_late": found.came_late,
            "late_for_other_hours": counts.late,
            "early_for_other_hours": counts.early,
            "duplicates": found.duplicates,
            **counts.metadata,
            "shards": manifest.shards,
            "location": dg.MetadataValue.path(ops.location(hour.all_windows)),
        },
        check_results=[
            warning(FILES_CHECK, not wrong, "; ".join(wrong[:5]) or f"{counts.files} files")
        ],
    )
