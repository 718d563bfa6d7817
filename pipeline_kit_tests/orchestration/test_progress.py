import logging
import time

import dagster as dg
import pytest

from pipeline_kit.orchestration.progress import Progress, watched


class FrameProgress(Progress):
    unit, rate_unit = "frames", "fps"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def steps(
    clock: Clock, caplog: pytest.LogCaptureFixture, *, total: int, count: int, seconds: float
) -> tuple[FrameProgress, list[str]]:
    """Take steps of so many seconds; the progress afterwards, and what was logged on the way."""
    with caplog.at_level(logging.INFO):
        progress = FrameProgress(logging.getLogger("run"), "indexing", total)
        for _ in range(count):
            clock.now += seconds
            progress.step()
    return progress, caplog.messages


def test_a_line_comes_every_five_seconds_with_rate_and_time_left(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    progress, lines = steps(clock, caplog, total=100, count=45, seconds=0.25)
    assert lines == [
        "indexing: 20 of 100 frames, 4.0 fps, 20 s left",
        "indexing: 40 of 100 frames, 4.0 fps, 15 s left",
    ]
    assert (progress.done, progress.rate, progress.seconds) == (45, 4.0, 11.25)


def test_slow_steps_log_a_line_each(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    _, lines = steps(clock, caplog, total=2, count=2, seconds=60)
    assert lines == [
        "indexing: 1 of 2 frames, 0.0 fps, 60 s left",
        "indexing: 2 of 2 frames, 0.0 fps, 0 s left",
    ]


def test_work_that_is_done_at_once_logs_nothing(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    _, lines = steps(clock, caplog, total=100, count=100, seconds=0.01)
    assert lines == []


def test_nothing_is_said_of_the_end_where_it_is_not_known(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    _, lines = steps(clock, caplog, total=0, count=3, seconds=2)
    assert lines == ["indexing: 3 frames, 0.5 fps"]


def test_a_container_that_promises_too_few_frames_makes_no_negative_time(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    _, lines = steps(clock, caplog, total=2, count=3, seconds=2)
    assert lines == ["indexing: 3 frames, 0.5 fps"]


def test_the_rate_before_any_time_has_passed_is_nought(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert steps(clock, caplog, total=10, count=0, seconds=0)[0].rate == 0
    assert steps(clock, caplog, total=10, count=1, seconds=0)[0].rate == 0


def test_what_comes_after_the_last_step_does_not_slow_the_rate(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    progress, _ = steps(clock, caplog, total=10, count=10, seconds=0.5)
    clock.now += 1000
    assert (progress.rate, progress.seconds) == (2.0, 5.0)


def test_whoever_watches_is_told_of_every_step_for_as_long_as_they_watch(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[tuple[str, int, int]] = []
    with watched(lambda *step: seen.append(step)):
        steps(clock, caplog, total=2, count=2, seconds=0)
    steps(clock, caplog, total=2, count=2, seconds=0)
    assert seen == [("indexing", 1, 2), ("indexing", 2, 2)]


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["000"]))
def chunk(context: dg.AssetExecutionContext) -> None:
    clock = time.monotonic
    assert isinstance(clock, Clock)
    progress = FrameProgress(context.log, "chunk", 30, shown_on=context)
    for _ in range(30):
        clock.now += 1
        progress.step()


def test_a_running_chunk_shows_on_its_page_how_far_it_is(
    clock: Clock,
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize([chunk], partition_key="000", instance=instance)
        records = instance.fetch_observations(dg.AssetKey("chunk"), limit=10).records
    seen = [record.asset_observation for record in reversed(records)]
    assert [event.description for event in seen if event] == [
        "5 of 30 frames, 1.0 fps, 25 s left",
        "25 of 30 frames, 1.0 fps, 5 s left",
    ]
    assert seen[0]
    assert {name: value.value for name, value in seen[0].metadata.items()} == {
        "frames_done": 5,
        "frames": 30,
        "fps": 1.0,
        "seconds_left": 25,
    }
