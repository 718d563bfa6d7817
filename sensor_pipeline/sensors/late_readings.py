"""What makes an hour be read: its time, and files that change afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration import ledger
from pipeline_kit.orchestration.inbox import current_hour
from pipeline_kit.storage.store import Store
from sensor_pipeline.arrivals import inputs_by_hour, settled_hours, to_sort
from sensor_pipeline.assets.readings import intake
from sensor_pipeline.hour import read_manifest, sort_files
from sensor_pipeline.object_names import ASIDE, SORTED, Hour, digest
from sensor_pipeline.partitions import SETTINGS, hours
from sensor_pipeline.readings.names import FOLDER, HOUR, hour_of, is_readings, key_of, utc_now

MOST_AT_ONCE = 48
"""Hours that a poll starts; the others follow."""
FOR_THE_SCHEDULE = timedelta(minutes=20)
"""After an hour and its waiting, in which the schedule has it read."""

readings_job = dg.define_asset_job("read_an_hour", selection="readings")


@dg.op(tags=SETTINGS.pod.tags())
def sort_into_hours(
    context: dg.OpExecutionContext, media: dg.ResourceParam[Store], ops: dg.ResourceParam[Store]
) -> None:
    """Puts the readings of files that do not say when they arrived where their hours find them."""
    with scratch() as folder:
        counts = sort_files(intake(media, ops, folder))
    for line in counts.broken:
        context.log.warning(line)
    context.log_event(
        dg.AssetObservation(
            "readings",
            description="Files that do not say when they arrived were sorted into hours.",
            metadata={"readings": counts.readings, **counts.metadata},
        )
    )


@dg.job(executor_def=dg.in_process_executor)
def sort_readings() -> None:
    sort_into_hours()


@dg.schedule(
    job=readings_job,
    cron_schedule=f"{max(10, SETTINGS.wait_minutes)} * * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Reads the hour that ended, at ten past.",
)
def every_hour(
    context: dg.ScheduleEvaluationContext, media: dg.ResourceParam[Store]
) -> dg.RunRequest | dg.SkipReason:
    """The hour that ended, also where nothing came in it; but nothing before the first file."""
    now = context.scheduled_execution_time.replace(tzinfo=None)
    key = key_of(now - HOUR)
    if key not in hours.get_partition_keys(current_time=context.scheduled_execution_time):
        return dg.SkipReason(f"{key} is none of the hours that are set")
    if not any(is_readings(found) for found in media.list(FOLDER)):
        return dg.SkipReason(f"nothing lies in {media.location(FOLDER)} yet")
    return dg.RunRequest(run_key=key, partition_key=key)


@dg.sensor(
    jobs=[readings_job, sort_readings],
    minimum_interval_seconds=SETTINGS.poll_seconds,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Has hours read again whose files changed, as a new version.",
)
def late_readings(
    context: dg.SensorEvaluationContext,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> dg.SensorResult:
    """A change counts once two polls in a row saw the same. A listing that fails fails the tick."""
    listing, marks = media.list(FOLDER), ops.list(SORTED)
    now = utc_now()
    inputs = inputs_by_hour(listing, ops.list(ASIDE), wait=SETTINGS.wait)
    last = SETTINGS.after_last_hour or now
    found = ledger.sift(
        settled_hours(
            inputs,
            first=SETTINGS.first_hour,
            until=min(last, now - HOUR - SETTINGS.wait - FOR_THE_SCHEDULE),
            in_flight=in_flight(context.instance),
        ),
        ledger.load(context.cursor),
        refusal=lambda hour: None,
        limit=MOST_AT_ONCE,
        hour=current_hour(),
    )
    requests = []
    for hour in found.start:
        key = key_of(datetime.fromisoformat(hour.name))
        manifest = read_manifest(ops, Hour(key))
        if manifest is None or manifest.inputs != hour.etag:
            requests.append(
                dg.RunRequest(
                    run_key=f"{key}@{hour.etag}", job_name=readings_job.name, partition_key=key
                )
            )
    unsorted = to_sort(listing, marks)
    if unsorted:
        version = digest(repr(sorted((file.name, file.etag) for file in unsorted)))
        requests.append(dg.RunRequest(run_key=f"sort@{version}", job_name=sort_readings.name))
    return dg.SensorResult(
        requests,
        None if requests else f"no hour changed ({len(listing)} files, {len(inputs)} hours)",
        cursor=ledger.dump(found.ledger),
    )


def in_flight(instance: dg.DagsterInstance) -> Iterable[datetime]:
    """Hours that a run reads, or will read."""
    unfinished = dg.RunsFilter(
        statuses=[
            dg.DagsterRunStatus.QUEUED,
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
        ]
    )
    for run in instance.get_runs(unfinished):
        key = run.tags.get("dagster/partition")
        if key and dg.AssetKey("readings") in (run.asset_selection or ()):
            yield hour_of(key)
