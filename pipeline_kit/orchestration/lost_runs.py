"""Runs that were to be started again when there was nobody to start them."""

import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import dagster as dg
from dagster import DagsterRunStatus, RunRecord, RunsFilter

from pipeline_kit.orchestration.dagster_private import (
    AUTO_RETRY_RUN_ID_TAG,
    MAX_RETRIES_TAG,
    PARTITION_NAME_TAG,
    PRIORITY_TAG,
    RUN_FAILURE_REASON_TAG,
    WILL_RETRY_TAG,
    RunFailureReason,
    auto_reexecution_should_retry_run,
)

OLDEST = 24 * 3600
"""The first poll goes back so many seconds."""
OVERLAP = 60
"""Seconds before the previous poll that are read again, as what is written then may come late."""


def lost_runs_sensor(name: str, *, kept_tags: Collection[str] = ()) -> dg.SensorDefinition:
    """A sensor that requests again the runs that Dagster could not retry.

    Dagster tries to retry a run once. If the code server is away just then, as where a node was
    lost with all that ran on it, the run counts as failed for good. `kept_tags` are tags of a
    pipeline's runs that the next try has as well.
    """
    kept = {*kept_tags, PRIORITY_TAG, "dagster-k8s/config"}

    @dg.sensor(
        name=name,
        asset_selection=dg.AssetSelection.all(),
        minimum_interval_seconds=15,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Requests runs again that Dagster could not retry.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = time.time()
        since = float(context.cursor or now - OLDEST) - OVERLAP
        lost = [record.dagster_run for record in _lost(context.instance, since)]
        for run in lost:
            context.log.info(f"run {run.run_id} could not be retried: it is requested again")
        requests = [
            _again(run, kept=kept, tries=_tries_left(context.instance, run)) for run in lost
        ]
        return dg.SensorResult(requests, None if requests else "no retry was lost", cursor=str(now))

    return sensor


def _lost(instance: dg.DagsterInstance, since: float) -> Iterator[RunRecord]:
    """Failed runs that have tries left, and are not going to be retried."""
    given_up = RunsFilter(
        statuses=[DagsterRunStatus.FAILURE],
        tags={WILL_RETRY_TAG: "false"},
        updated_after=datetime.fromtimestamp(since, UTC),
    )
    for record in instance.get_run_records(given_up):
        run = record.dagster_run
        tag = run.tags.get(RUN_FAILURE_REASON_TAG)
        reason = RunFailureReason(tag) if tag else None
        if (
            AUTO_RETRY_RUN_ID_TAG not in run.tags
            and auto_reexecution_should_retry_run(instance, run, reason)
            and not _was_followed(instance, record)
        ):
            yield record


def _was_followed(instance: dg.DagsterInstance, record: RunRecord) -> bool:
    """Whether somebody asked for the same meanwhile."""
    run = record.dagster_run
    partition = run.tags.get(PARTITION_NAME_TAG)
    later = RunsFilter(
        tags={PARTITION_NAME_TAG: partition} if partition else {},
        created_after=record.create_timestamp,
    )
    return any(other.asset_selection == run.asset_selection for other in instance.get_runs(later))


def _tries_left(instance: dg.DagsterInstance, run: dg.DagsterRun) -> int:
    """Of the run that is asked for instead, whose own tries Dagster counts from 0."""
    most = int(run.tags.get(MAX_RETRIES_TAG, instance.run_retries_max_retries))
    group = instance.get_run_group(run.run_id)
    return most - (len(list(group[1])) if group else 1)


def _again(run: dg.DagsterRun, *, kept: Collection[str], tries: int) -> dg.RunRequest:
    checks = run.asset_check_selection
    return dg.RunRequest(
        run_key=run.run_id,
        asset_selection=sorted(run.asset_selection or []),
        asset_check_keys=None if checks is None else sorted(checks),
        run_config=run.run_config,
        tags={
            name: value
            for name, value in run.tags.items()
            if name in kept or name.startswith(PARTITION_NAME_TAG)
        }
        | {MAX_RETRIES_TAG: str(tries)},
    )
