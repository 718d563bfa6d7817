from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.storage.tags import (
    AUTO_RETRY_RUN_ID_TAG,
    MAX_RETRIES_TAG,
    PRIORITY_TAG,
    WILL_RETRY_TAG,
)
from dagster._core.test_utils import create_run_for_test

from pipeline_kit.orchestration.lost_runs import lost_runs_sensor

# Dagster's own tags of a shard's run are such.
pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys:DeprecationWarning")

PARTITION, KEPT = "dagster/partition", "kit/upload"
DAYS = dg.StaticPartitionsDefinition(["mon"])
SHARDS = dg.MultiPartitionsDefinition(
    {"day": DAYS, "shard": dg.StaticPartitionsDefinition(["0", "1"])}
)
SHARD = dg.MultiPartitionKey({"day": "mon", "shard": "1"})
SCORES, REPORT = dg.AssetKey("scores"), dg.AssetKey("report")
RETRIES = {"enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": False}


@dg.asset(partitions_def=SHARDS)
def scores() -> None: ...


@dg.asset(partitions_def=DAYS, check_specs=[dg.AssetCheckSpec("is_whole", asset="report")])
def report() -> None: ...


retry_lost_runs = lost_runs_sensor("retry_lost_runs", kept_tags=[KEPT])
defs = dg.Definitions(assets=[scores, report], sensors=[retry_lost_runs])


class Dagster:
    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, ""

    def failed_run(self, *, reason: RunFailureReason | None = None, **more: Any) -> dg.DagsterRun:
        """The run of a shard that failed, not by its own word where no `reason` is told."""
        tags = {PARTITION: SHARD, **more.pop("tags", {})}
        started = {
            "status": dg.DagsterRunStatus.STARTED,
            "asset_selection": frozenset([SCORES]),
            **more,
        }
        run: dg.DagsterRun = create_run_for_test(
            self.instance, job_name="__ASSET_JOB", tags=tags, **started
        )
        self.instance.report_run_failed(run, job_failure_data=JobFailureData(None, reason))
        return run

    def cannot_retry(self, run: dg.DagsterRun) -> None:
        """What the daemon notes when it wants to and no code server answers."""
        self.instance.add_run_tags(run.run_id, {WILL_RETRY_TAG: "false"})

    def asked_for(self) -> list[dg.RunRequest]:
        with dg.build_sensor_context(
            self.instance,
            instance_ref=self.instance.get_ref(),
            cursor=self.cursor,
            definitions=defs,
            sensor_name=retry_lost_runs.name,
        ) as context:
            tick = retry_lost_runs.evaluate_tick(context)
        self.cursor = tick.cursor or ""
        return list(tick.run_requests or [])


@pytest.fixture
def dagster(tmp_path: Path) -> Iterator[Dagster]:
    overrides = {"run_retries": RETRIES}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=overrides) as instance:
        yield Dagster(instance)


def test_a_run_that_could_not_be_retried_is_asked_for_as_it_was(dagster: Dagster) -> None:
    config = {"loggers": {"console": {"config": {"log_level": "INFO"}}}}
    checks = frozenset([dg.AssetCheckKey(REPORT, "is_whole")])
    runs = [
        dagster.failed_run(),
        dagster.failed_run(
            asset_selection=frozenset([REPORT]),
            asset_check_selection=checks,
            run_config=config,
            tags={PARTITION: "mon", KEPT: "etag", PRIORITY_TAG: "-7"},
        ),
    ]
    assert not dagster.asked_for()
    for run in runs:
        dagster.cannot_retry(run)
    whole, shard = sorted(dagster.asked_for(), key=lambda request: len(request.tags[PARTITION]))
    assert {whole.run_key, shard.run_key} == {run.run_id for run in runs}
    assert shard.tags[PARTITION] == SHARD
    assert frozenset(shard.asset_selection or []) == frozenset([SCORES])
    assert whole.asset_selection == [REPORT]
    assert whole.asset_check_keys == list(checks)
    assert whole.run_config == config
    assert (whole.tags[KEPT], whole.tags[PRIORITY_TAG]) == ("etag", "-7")


def test_each_loss_costs_a_try(dagster: Dagster) -> None:
    tags: dict[str, str] = {}
    for left in reversed(range(RETRIES["max_retries"])):
        lost = dagster.failed_run(tags=tags)
        dagster.cannot_retry(lost)
        asked = {request.run_key: request for request in dagster.asked_for()}
        tags = {MAX_RETRIES_TAG: asked[lost.run_id].tags[MAX_RETRIES_TAG]}
        assert tags == {MAX_RETRIES_TAG: str(left)}
    last = dagster.failed_run(tags=tags)
    dagster.cannot_retry(last)
    assert last.run_id not in {request.run_key for request in dagster.asked_for()}


def test_what_nothing_became_known_of_since_is_not_looked_at_for_ever(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    dagster.cannot_retry(dagster.failed_run())
    (asked,) = dagster.asked_for()
    # A daemon that dies before it has saved the cursor asks twice, and Dagster starts one run.
    assert [again.run_key for again in dagster.asked_for()] == [asked.run_key]
    monkeypatch.setattr("pipeline_kit.orchestration.lost_runs.OVERLAP", -1)
    assert not dagster.asked_for()


def test_a_run_that_failed_by_its_own_word_is_left_alone(dagster: Dagster) -> None:
    run = dagster.failed_run(reason=RunFailureReason.STEP_FAILURE)
    dagster.cannot_retry(run)
    assert not dagster.asked_for()


def test_a_run_that_is_retried_or_has_no_try_left_is_left_alone(dagster: Dagster) -> None:
    first = dagster.failed_run()
    for number in range(RETRIES["max_retries"]):
        tags = {"dagster/retry_number": str(number + 1), "dagster/root_run_id": first.run_id}
        retry = dagster.failed_run(parent_run_id=first.run_id, root_run_id=first.run_id, tags=tags)
        dagster.instance.add_run_tags(first.run_id, {AUTO_RETRY_RUN_ID_TAG: retry.run_id})
    assert not dagster.asked_for()


def test_a_run_that_a_person_has_asked_for_again_is_left_alone(dagster: Dagster) -> None:
    lost = dagster.failed_run()
    dagster.cannot_retry(lost)
    create_run_for_test(
        dagster.instance,
        job_name="__ASSET_JOB",
        tags={PARTITION: SHARD},
        asset_selection=frozenset([SCORES]),
    )
    assert not dagster.asked_for()
