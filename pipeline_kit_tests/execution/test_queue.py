from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.storage.tags import PRIORITY_TAG
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from pipeline_kit.execution.queue import FairRunCoordinator

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

    def submit(self, name: str, **tags: str) -> dg.DagsterRun:
        workspace: Any = None
        run = create_run_for_test(
            self.instance,
            tags=tags,
            status=dg.DagsterRunStatus.NOT_STARTED,
            remote_job_origin=JOB,
        )
        self.names[run.run_id] = name
        return self.instance.run_coordinator.submit_run(SubmitRunContext(run, workspace))

    def submit_video(self, name: str, *, chunks: int) -> None:
        for slot in range(chunks):
            self.submit(f"{name}{slot}", **{PLACE: f"{slot:03}"})

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


def test_videos_take_turns_chunk_by_chunk(queue: Queue) -> None:
    queue.submit_video("a", chunks=3)
    queue.now += 10
    queue.submit_video("b", chunks=3)
    assert queue.order() == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_short_video_overtakes_the_late_chunks_of_a_long_one(queue: Queue) -> None:
    queue.submit_video("long", chunks=8)
    queue.now += SECONDS * 2.5
    queue.submit_video("short", chunks=2)
    order = queue.order()
    assert order.index("long2") < order.index("short0") < order.index("short1")
    assert order.index("short1") < order.index("long4")


def test_no_chunk_is_overtaken_for_ever(queue: Queue) -> None:
    queue.submit_video("old", chunks=16)
    queue.now += SECONDS * 16
    queue.submit_video("new", chunks=1)
    assert queue.order()[-1] == "new0"


def test_a_run_that_is_started_again_keeps_its_turn(queue: Queue) -> None:
    first = queue.submit("first")
    queue.now += 10
    queue.submit("second")
    queue.now += 10
    queue.submit("first again", **{PRIORITY_TAG: first.tags[PRIORITY_TAG]})
    assert queue.order() == ["first", "first again", "second"]
