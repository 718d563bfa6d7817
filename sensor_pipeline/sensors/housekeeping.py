"""What is done now and then: detectors fitted, old hours deleted, shards that are new explained."""

from datetime import timedelta

import dagster as dg

from pipeline_kit.storage.store import Store
from sensor_pipeline.hour import read_manifest
from sensor_pipeline.library import fitted_shards
from sensor_pipeline.object_names import HOURS, Hour, named_hour
from sensor_pipeline.partitions import SETTINGS, hours, shard_hour
from sensor_pipeline.readings.names import key_of, utc_now
from sensor_pipeline.retention import delete_old

SUNDAY = 6
EVENTS_A_TICK = 1000

detectors_job = dg.define_asset_job("fit_detectors", selection="detectors")


@dg.schedule(
    job=detectors_job,
    cron_schedule="30 3 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Fits all detectors on Sundays, and on other days those of shards without any.",
)
def every_week(
    context: dg.ScheduleEvaluationContext, ops: dg.ResourceParam[Store]
) -> list[dg.RunRequest] | dg.SkipReason:
    """At half past three, when the hour's scores are done."""
    day = context.scheduled_execution_time
    if not ops.list(HOURS):
        return dg.SkipReason("no hour was read yet")
    there = set() if day.weekday() == SUNDAY else fitted_shards(ops, SETTINGS.shards)
    due = [shard for shard in range(SETTINGS.shards) if shard not in there]
    if not due:
        return dg.SkipReason("every shard has detectors: all are fitted on Sunday")
    return [
        dg.RunRequest(run_key=f"{day:%Y-%m-%d} {shard:03}", partition_key=f"{shard:03}")
        for shard in due
    ]


@dg.op(tags=SETTINGS.pod.tags())
def delete_old_hours(
    context: dg.OpExecutionContext, media: dg.ResourceParam[Store], ops: dg.ResourceParam[Store]
) -> None:
    """Windows, scores and anomalies of hours that are no longer kept; never readings."""
    before = max(SETTINGS.first_hour, utc_now() - timedelta(days=SETTINGS.keep_days))
    if SETTINGS.first_day:  # history was asked for
        before = SETTINGS.first_hour
    count = delete_old(media, ops, before=before)
    context.log.info(f"{count} objects of hours before {before:%Y-%m-%d %H:%M} were deleted")


@dg.job(executor_def=dg.in_process_executor)
def retention() -> None:
    delete_old_hours()


every_night = dg.ScheduleDefinition(
    name="every_night",
    job=retention,
    cron_schedule="45 2 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Deletes what belongs to hours that are no longer kept.",
)


@dg.sensor(
    asset_selection="scores",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Records that hours which were read for fewer shards have nothing in the new ones.",
)
def more_shards(
    context: dg.SensorEvaluationContext, ops: dg.ResourceParam[Store]
) -> dg.SensorResult:
    """Without it, after the count of shards was raised, all hours before would show as missing."""
    if context.cursor == str(SETTINGS.shards):
        return dg.SensorResult(skip_reason="the count of shards is as it was")
    there = hours.get_partition_keys()
    known = set(context.instance.get_materialized_partitions(dg.AssetKey("scores")))
    missing = []
    for hour in sorted(filter(None, (named_hour(each.name) for each in ops.list(HOURS)))):
        key = key_of(hour)
        absent = [f"{n:03}" for n in range(SETTINGS.shards) if f"{key}|{n:03}" not in known]
        if not absent or key not in there:
            continue
        manifest = read_manifest(ops, Hour(key))
        if manifest:
            missing += [
                (key, shard, manifest.shards) for shard in absent if int(shard) >= manifest.shards
            ]
    done = len(missing) <= EVENTS_A_TICK
    return dg.SensorResult(
        asset_events=[
            dg.AssetMaterialization(
                "scores",
                partition=shard_hour(key, shard),
                description=f"This hour was scored in {before} shards.",
                metadata={"models": 0, "rows": 0},
            )
            for key, shard, before in missing[:EVENTS_A_TICK]
        ],
        cursor=str(SETTINGS.shards) if done else context.cursor,
    )
