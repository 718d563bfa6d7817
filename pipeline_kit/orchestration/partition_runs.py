"""What is under way of partitions, by runs and by backfills, and how it is ended."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import DagsterRun, DagsterRunStatus, RunsFilter

from pipeline_kit.orchestration.dagster_private import (
    NOT_FINISHED_STATUSES,
    PARTITION_NAME_TAG,
    BulkActionsFilter,
    BulkActionStatus,
    SqliteEventLogStorage,
)

REQUESTED = [BulkActionStatus.REQUESTED]

Partition = tuple[str, str]
"""An asset's name, and one of its partitions."""


def runs_of(
    instance: dg.DagsterInstance,
    partition: str,
    *,
    dimension: str,
    further: Sequence[str] = (),
    under_way: bool = False,
) -> list[DagsterRun]:
    """Runs of the partition, of those that have it in `dimension`, and of `further` ones; only
    those that have not ended yet where `under_way`."""
    found: dict[str, DagsterRun] = {}
    tags: dict[str, list[str]] = {
        PARTITION_NAME_TAG: [partition, *map(str, further)],
        f"{PARTITION_NAME_TAG}/{dimension}": [partition],
    }
    for tag, values in tags.items():
        wanted = RunsFilter(tags={tag: values}, statuses=NOT_FINISHED_STATUSES if under_way else [])
        found |= {run.run_id: run for run in instance.get_runs(wanted)}
    return [*found.values()]


def partitions_under_way(instance: dg.DagsterInstance, *, begun: bool = False) -> set[str]:
    """The partition of each run that has not ended yet; only of those that have `begun`."""
    statuses = [DagsterRunStatus.STARTED] if begun else NOT_FINISHED_STATUSES
    runs = instance.get_runs(RunsFilter(statuses=statuses))
    return {run.tags[PARTITION_NAME_TAG] for run in runs if PARTITION_NAME_TAG in run.tags}


def terminated(instance: dg.DagsterInstance, *, limit: int = 1000) -> set[Partition]:
    """What somebody terminated and nobody asked for since by a backfill, of the latest `limit` runs
    with that end."""
    runs = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.CANCELED]), limit=limit)
    ended = {
        (asset.to_user_string(), run.tags[PARTITION_NAME_TAG])
        for run in runs
        if PARTITION_NAME_TAG in run.tags
        for asset in run.asset_selection or ()
    }
    return ended.difference(*(wanted for _, wanted in backfills(instance))) if ended else ended


def backfills(instance: dg.DagsterInstance) -> Iterator[tuple[Any, set[Partition]]]:
    """Backfills that have not ended, each with what it makes."""
    for backfill in instance.get_backfills(filters=BulkActionsFilter(statuses=REQUESTED)):
        if data := backfill.asset_backfill_data:
            target = data.target_subset.iterate_asset_partitions()
            yield (
                backfill,
                {(p.asset_key.to_user_string(), str(p.partition_key)) for p in target},
            )


def end_backfill(instance: dg.DagsterInstance, backfill: Any) -> None:
    """Have the daemon end it, with its runs."""
    instance.update_backfill(backfill.with_status(BulkActionStatus.CANCELING))


def end_runs(instance: dg.DagsterInstance, runs: Iterable[DagsterRun]) -> Collection[str]:
    """Take runs from the queue, and terminate those that run; the ids of those that could not be
    told, as their code server or their process is gone."""
    untold = []
    for run in runs:
        try:
            told = instance.run_coordinator.cancel_run(run.run_id)
        except dg.DagsterError:
            told = False
        if not told:
            untold.append(run.run_id)
    return untold


def delete_runs(instance: dg.DagsterInstance, runs: Iterable[DagsterRun]) -> None:
    """Delete runs with their events.

    In SQLite each run has a file of events. By itself Dagster reads all of its own migrations
    before it opens one, which is most of the time that a deletion takes, and leaves the file there.
    """
    events = instance.event_log_storage
    for run in runs:
        file = None
        if isinstance(events, SqliteEventLogStorage):
            file = Path(events.path_for_shard(run.run_id))
            if file.exists():
                events._initialized_dbs.add(run.run_id)
        instance.delete_run(run.run_id)
        if file:
            for part in (file, *(file.with_name(f"{file.name}-{end}") for end in ("wal", "shm"))):
                part.unlink(missing_ok=True)
