import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from pipeline_kit.orchestration.backfill import launch_backfill
from pipeline_kit.orchestration.partition_runs import (
    backfills,
    delete_runs,
    end_backfill,
    end_runs,
    partitions_under_way,
    runs_of,
    terminated,
)
from pipeline_kit_tests.execution.test_queue import JOB

DAYS = dg.StaticPartitionsDefinition(["mon", "tue"])
SHARDS = dg.MultiPartitionsDefinition(
    {"day": DAYS, "shard": dg.StaticPartitionsDefinition(["0", "1"])}
)
SHARD = "mon|1"
SETTINGS = Path(__file__).parents[2] / "deploy/local/dagster.yaml"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """That of `make dev`, with its queue and its launcher."""
    shutil.copy(SETTINGS, tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def add_run(
    instance: dg.DagsterInstance, status: DagsterRunStatus, *, partition: str = SHARD
) -> dg.DagsterRun:
    day, _, shard = partition.partition("|")
    tags = {"dagster/partition": partition}
    if shard:
        tags |= {"dagster/partition/day": day, "dagster/partition/shard": shard}
    run: dg.DagsterRun = create_run_for_test(
        instance,
        job_name="__ASSET_JOB",
        status=status,
        tags=tags,
        asset_selection=frozenset([dg.AssetKey("scores")]),
        remote_job_origin=JOB,
    )
    return run


def ids(runs: list[dg.DagsterRun]) -> set[str]:
    return {run.run_id for run in runs}


def test_runs_of_a_partition_are_also_those_that_have_it_in_a_dimension(
    instance: dg.DagsterInstance,
) -> None:
    day = add_run(instance, DagsterRunStatus.STARTED, partition="mon")
    queued, done = (
        add_run(instance, status) for status in (DagsterRunStatus.QUEUED, DagsterRunStatus.SUCCESS)
    )
    add_run(instance, DagsterRunStatus.STARTED, partition="tue|1")
    assert ids(runs_of(instance, "mon", dimension="day")) == ids([day, queued, done])
    assert ids(runs_of(instance, "mon", dimension="day", under_way=True)) == ids([day, queued])
    assert partitions_under_way(instance) == {"mon", SHARD, "tue|1"}
    assert partitions_under_way(instance, begun=True) == {"mon", "tue|1"}


def test_a_queued_run_is_ended_at_once_and_counts_as_terminated_until_it_is_asked_for_again(
    instance: dg.DagsterInstance,
) -> None:
    run = add_run(instance, DagsterRunStatus.QUEUED)
    assert terminated(instance) == set()
    assert end_runs(instance, [run]) == []
    assert terminated(instance) == {("scores", SHARD)}
    shard = dg.MultiPartitionKey({"day": "mon", "shard": "1"})
    launch_backfill(instance, {"scores": (SHARDS, [shard])}, title="again")
    assert terminated(instance) == set()
    ((backfill, wanted),) = backfills(instance)
    assert wanted == {("scores", SHARD)}
    end_backfill(instance, backfill)
    assert terminated(instance) == {("scores", SHARD)}


def test_a_run_whose_code_server_is_gone_is_told_apart(instance: dg.DagsterInstance) -> None:
    run = add_run(instance, DagsterRunStatus.STARTED)
    assert end_runs(instance, [run]) == [run.run_id]


def test_deleted_runs_leave_no_file_and_need_no_migrations(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone, without_events = (add_run(instance, DagsterRunStatus.SUCCESS) for _ in range(3))
    for run in (kept, gone):
        instance.report_engine_event("it was here", run)
    folder = Path(instance.root_directory) / "history/runs"
    assert {file.stem for file in folder.glob("*-*.db")} == {kept.run_id, gone.run_id}
    delete_runs(instance, [without_events])
    with dg.DagsterInstance.from_config(instance.root_directory) as another:
        another.get_latest_materialization_event(dg.AssetKey("opens the index"))
        monkeypatch.setattr(
            "dagster._core.storage.event_log.sqlite.sqlite_event_log.check_alembic_revision",
            lambda *_: pytest.fail("migrations were read"),
        )
        delete_runs(another, [gone])
    assert {file.name.partition(".")[0] for file in folder.glob("*-*.db*")} == {kept.run_id}
    assert [run.run_id for run in instance.get_runs()] == [kept.run_id]
    assert [log.message for log in instance.all_logs(kept.run_id)] == ["it was here"]
