"""Runs that Dagster starts automatically."""

import dagster as dg

from style_pipeline.partitions import POLL_SECONDS

SECONDS_BETWEEN_COUNTS = 60
COUNTED = ("audio", "frames", "look", "styled_frames", "styled_video")

automation = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    minimum_interval_seconds=POLL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    # A backfill for the chunks of every video would be evaluated twice a minute only, and delay
    # the film until it is completed.
    emit_backfills=False,
    description="Starts chunks when they are planned, and the film when all are there.",
)


@dg.sensor(
    minimum_interval_seconds=SECONDS_BETWEEN_COUNTS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Has Dagster find out again which partitions are materialized.",
)
def refresh_partition_status(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Without it, one film in many would never follow although all is there.

    Dagster 1.13 counts partitions from the last event on that it knew of, also one that was only
    planned. It leaves out for good what is materialized after a tick has read the assets' records,
    if another run of the same asset is planned before the tick counts.
    """
    context.instance.wipe_asset_cached_status([dg.AssetKey(asset) for asset in COUNTED])
    return dg.SkipReason("partitions that are materialized are counted again")
