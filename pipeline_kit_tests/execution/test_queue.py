from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.storage.dagster_run import RunOpConcurrency
from dagster._core.storage.tags import PRIORITY_TAG
from dagster._core.test_utils import create_run_for_test
from dagster._core.utils import make_new_run_id
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from pipeline_kit.execution.queue import POOL_TAG, TAKES_TAG, FairRunCoordinator

PLACE, SECONDS = "dagster/partition/slot", 300
COORDINATOR = {
    "module": "pipeline_kit.execution.queue",
    "class": "FairRunCoordinator",
    "config": {"turns": {PLACE: SECONDS}},
}
SERVER = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name="location")
JOB = RemoteJobOrigin(RemoteRepositoryOrigin(SERVER, "repository"), "job")


class Queue:
    """Submits runs at times of its own, and tells in which order the daemon takes them."""

    def __init__(self, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
        self.instance, self.now = instance, 1_000_000.0
        self.names: dict[str, str] = {}
        monkeypatch.setattr("pipeline_kit.execution.queue.time.time", lambda: self.now)

    def submit(self, name: str, *, pool: str = "", **tags: str) -> dg.DagsterRun:
        workspace: Any = None
        run = create_run_for_test(
            self.instance,
            tags=tags,
            status=dg.DagsterRunStatus.NOT_STARTED,
            remote_job_origin=JOB,
        )
        if pool:
            needs = RunOpConcurrency(
                root_key_counts={pool: 1}, has_unconstrained_root_nodes=False, all_pools={pool}
            )
            run = run._replace(run_id=make_new_run_id(), run_op_concurrency=needs)
            self.instance.add_run(run)
        self.names[run.run_id] = name
        return self.instance.run_coordinator.submit_run(SubmitRunContext(run, workspace))

    def submit_batch(self, name: str, *, runs: int) -> None:
        for slot in range(runs):
            self.submit(f"{name}{slot}", **{PLACE: f"{slot:03}"})

    def begin(self) -> list[str]:
        """Runs that the daemon would launch now."""
        daemon = QueuedRunCoordinatorDaemon(interval_seconds=1)
        config = self.instance.get_concurrency_config()
        taken = daemon._get_runs_to_dequeue(self.instance, config, None)
        return [self.names[run.run_id] for run in taken]

    def order(self) -> list[str]:
        queued = self.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
        oldest_first = list(reversed(queued))
        taken = QueuedRunCoordinatorDaemon(interval_seconds=1)._priority_sort(oldest_first)
        return [self.names[run.run_id] for run in taken]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Any:
    with dg.instance_for_test(overrides={"run_coordinator": COORDINATOR}) as instance:
        assert isinstance(instance.run_coordinator, FairRunCoordinator)
        yield Queue(instance, monkeypatch)


def test_batches_take_turns_run_by_run(queue: Queue) -> None:
    queue.submit_batch("a", runs=3)
    queue.now += 10
    queue.submit_batch("b", runs=3)
    assert queue.order() == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_short_batch_overtakes_the_late_runs_of_a_long_one(queue: Queue) -> None:
    queue.submit_batch("long", runs=8)
    queue.now += SECONDS * 2.5
    queue.submit_batch("short", runs=2)
    order = queue.order()
    assert order.index("long2") < order.index("short0") < order.index("short1")
    assert order.index("short1") < order.index("long4")


def test_no_run_is_overtaken_for_ever(queue: Queue) -> None:
    queue.submit_batch("old", runs=16)
    queue.now += SECONDS * 16
    queue.submit_batch("new", runs=1)
    assert queue.order()[-1] == "new0"


TOGETHER = {
    "run_coordinator": {
        **COORDINATOR,
        "config": {"pools": {"gpu": {"takes": "gpu"}, "training": {"takes": "gpu", "later": 3600}}},
    },
    "concurrency": {
        "pools": {"granularity": "run", "default_limit": 3},
        "runs": {
            "tag_concurrency_limits": [
                {"key": TAKES_TAG, "value": "gpu", "limit": 3},
                {"key": POOL_TAG, "value": "training", "limit": 1},
            ]
        },
    },
}


def test_one_pool_goes_first_and_both_together_take_no_more_than_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with dg.instance_for_test(overrides=TOGETHER) as instance:
        queue = Queue(instance, monkeypatch)
        for name in ("training", "another training"):
            queue.submit(name, pool="training")
        queue.submit("reading")
        assert queue.begin() == ["reading", "training"], "one at a time"
        queue.now += 60
        for number in range(2):
            queue.submit(f"chunk {number}", pool="gpu")
        assert queue.begin() == ["reading", "chunk 0", "chunk 1", "training"]
        for number in range(2, 5):
            queue.submit(f"chunk {number}", pool="gpu")
        assert queue.begin() == ["reading", "chunk 0", "chunk 1", "chunk 2"]
        queue.now += 3600
        queue.submit("late chunk", pool="gpu")
        assert queue.order()[-1] == "late chunk", "no training is overtaken for ever"


def test_a_run_that_is_started_again_keeps_its_turn(queue: Queue) -> None:
    first = queue.submit("first")
    queue.now += 10
    queue.submit("second")
    queue.now += 10
    queue.submit("first again", **{PRIORITY_TAG: first.tags[PRIORITY_TAG]})
    assert queue.order() == ["first", "first again", "second"]
