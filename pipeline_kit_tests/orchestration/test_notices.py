"""Sensors that tell people, on runs of a real instance."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.utils import make_new_run_id

from pipeline_kit.errors import UnusableInput
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.orchestration.ledger import WAITS
from pipeline_kit.orchestration.notices import (
    SLOW,
    told_when_a_sensor_breaks,
    told_when_failed,
    told_when_made,
    told_when_refused,
)
from pipeline_kit.orchestration.notifications import Notice, Notifier


class Heard(Notifier):
    """Keeps what it is to send."""

    notices: list[Notice]
    away = False
    takes = 0.0
    clock = 0.0

    def now(self) -> float:
        return self.clock

    def __bool__(self) -> bool:
        return True

    def send(self, notice: Notice) -> list[str]:
        self.notices.append(notice)
        object.__setattr__(self, "clock", self.clock + self.takes)
        return [f"nobody took {notice.title}"] if self.away else []


@pytest.fixture
def heard() -> Heard:
    found = Heard()
    object.__setattr__(found, "notices", [])
    return found


@dg.asset
def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    if context.run.tags.get("broken"):
        raise dg.Failure("the printer has no paper: fill it")
    return dg.MaterializeResult(metadata={"pages": 3})


class Unusable(UnusableInput):
    remedy = "give another"


@dg.asset
def reading(context: dg.AssetExecutionContext) -> None:
    with clear_failures(context, "page 1"):
        raise Unusable("it is torn")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def run(instance: dg.DagsterInstance, **tags: str) -> Any:
    return dg.materialize([report], instance=instance, tags=tags, raise_on_error=False)


def told(partition: str, metadata: Any) -> Notice | None:
    return Notice(kind="done", title=f"{metadata['pages']} pages")


def evaluate(sensor: Any, result: Any, instance: dg.DagsterInstance, *, failed: bool) -> Any:
    kind = dg.DagsterEventType.RUN_FAILURE if failed else dg.DagsterEventType.RUN_SUCCESS
    (event,) = (each for each in result.all_events if each.event_type is kind)
    context: Any = dg.build_run_status_sensor_context(
        sensor.name, event, instance, result.dagster_run
    )
    return sensor(context.for_run_failure() if failed else context)


def test_people_are_told_what_a_run_made(heard: Heard, instance: dg.DagsterInstance) -> None:
    evaluate(told_when_made(lambda: heard, {"report": told}), run(instance), instance, failed=False)
    assert [notice.title for notice in heard.notices] == ["3 pages"]


def test_people_are_told_why_a_run_failed(heard: Heard, instance: dg.DagsterInstance) -> None:
    evaluate(told_when_failed(lambda: heard), run(instance, broken="1"), instance, failed=True)
    (notice,) = heard.notices
    assert "failed" in notice.title
    assert "the printer has no paper: fill it" in notice.text


def test_nobody_is_told_of_a_run_that_is_tried_again(
    heard: Heard, instance: dg.DagsterInstance
) -> None:
    result = run(instance, broken="1", **{"dagster/will_retry": "true"})
    ends_tick = evaluate(told_when_failed(lambda: heard), result, instance, failed=True)
    assert (heard.notices, ends_tick) == ([], None)


@pytest.mark.parametrize("failed", [False, True])
def test_a_tick_ends_with_the_first_notice_that_nobody_takes_at_once_and_the_next_goes_on(
    heard: Heard, instance: dg.DagsterInstance, failed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=heard.now)
    monkeypatch.setattr("pipeline_kit.orchestration.notices.time", clock)
    sensor: dg.SensorDefinition = (
        told_when_failed(lambda: heard)
        if failed
        else told_when_made(lambda: heard, {"report": told})
    )
    cursor = None

    def tick() -> int:
        nonlocal cursor
        heard.notices.clear()
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            cursor = sensor.evaluate_tick(context).cursor
        return len(heard.notices)

    tick()
    for _ in range(5):
        run(instance, **{"broken": "1"} if failed else {})
    object.__setattr__(heard, "away", True)
    assert [tick(), tick()] == [1, 1]
    object.__setattr__(heard, "away", False)
    object.__setattr__(heard, "takes", SLOW + 1)
    assert tick() == 1
    object.__setattr__(heard, "takes", SLOW / 2)
    assert [tick(), tick()] == [2, 0]


def test_a_run_that_failed_by_its_input_s_fault_is_told_apart(
    heard: Heard, instance: dg.DagsterInstance
) -> None:
    result = dg.materialize([reading], instance=instance, raise_on_error=False)
    evaluate(told_when_failed(lambda: heard), result, instance, failed=True)
    (notice,) = heard.notices
    assert (notice.kind, notice.text) == ("refused", "page 1: it is torn: give another")


LOCATIONS = ("own", "other")


def origin(location: str) -> RemoteRepositoryOrigin:
    return RemoteRepositoryOrigin(
        ManagedGrpcPythonEnvCodeLocationOrigin(
            LoadableTargetOrigin(module_name=location), location_name=location
        ),
        "__repository__",
    )


def test_each_location_tells_of_its_own_runs_alone(
    heard: Heard, instance: dg.DagsterInstance
) -> None:
    sensors = {name: told_when_failed(lambda: heard) for name in LOCATIONS}
    cursors: dict[str, str | None] = {}

    def tick() -> None:
        for name in LOCATIONS:
            context = dg.build_sensor_context(
                instance=instance, cursor=cursors.get(name), repository_name="__repository__"
            )
            context._code_location_origin = origin(name).code_location_origin
            with context:
                cursors[name] = sensors[name].evaluate_tick(context).cursor

    tick()
    for name in LOCATIONS:
        result = run(instance, broken="1")
        moved = result.dagster_run._replace(
            run_id=make_new_run_id(), remote_job_origin=RemoteJobOrigin(origin(name), name)
        )
        instance.add_run(moved)
        instance.report_run_failed(moved, f"of {name}")
    heard.notices.clear()
    tick()
    assert sorted(notice.text for notice in heard.notices) == ["of other", "of own"]
    tick()
    assert len(heard.notices) == 2


def test_files_that_were_not_taken_are_told_in_one_notice_and_those_that_wait_in_none(
    heard: Heard, instance: dg.DagsterInstance
) -> None:
    sensor = told_when_refused(lambda: heard, ["inbox", "pictures"])
    cursor: str | None = None

    def tick() -> list[str]:
        nonlocal cursor
        heard.notices.clear()
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            sensor(context)
            cursor = context.cursor
        return [f"{notice.kind}: {notice.title}\n{notice.text}" for notice in heard.notices]

    def refuse(asset: str, file: str, reason: str) -> None:
        metadata = {"file": file, "reason": reason}
        instance.report_runless_asset_event(dg.AssetObservation(asset, metadata=metadata))

    refuse("inbox", "old.txt", "it is old")
    assert tick() == [], "nothing of what was before somebody was to be told"
    refuse("inbox", "a.txt", "it is no video")
    refuse("inbox", "b.mp4", f"{WAITS}its style is trained")
    assert tick() == ["refused: a.txt cannot be used\na.txt: it is no video"]
    refuse("inbox", "a.txt", "it is no video")
    refuse("pictures", "c.gif", "it moves")
    instance.report_runless_asset_event(dg.AssetObservation("inbox", metadata={"rate": 1}))
    assert tick() == ["refused: 2 files cannot be used\na.txt: it is no video\nc.gif: it moves"]
    assert tick() == []


def test_where_nothing_is_set_nothing_is_told_and_no_tick_ends_early(
    instance: dg.DagsterInstance,
) -> None:
    sensor = told_when_made(Notifier, {"report": told})
    assert evaluate(sensor, run(instance), instance, failed=False) is None
    failures = told_when_failed(Notifier)
    assert evaluate(failures, run(instance, broken="yes"), instance, failed=True) is None


def test_people_are_told_once_that_a_sensor_broke(
    heard: Heard, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    class State:
        instigator_name, instigator_origin_id, selector_id = "inbox", "origin", "selector"

        def __init__(self, location: str = "own") -> None:
            self.origin = type("Origin", (), {"repository_origin": origin(location)})

    class Tick:
        status = type("Status", (), {"value": "FAILURE"})
        error = type("Error", (), {"message": "storage is away\n"})

    states = [State()]
    monkeypatch.setattr(instance, "all_instigator_state", lambda: states)
    ticks: list[Any] = [Tick()]
    monkeypatch.setattr(instance, "get_ticks", lambda *args, **kwargs: ticks)
    sensor = told_when_a_sensor_breaks(lambda: heard)
    cursor = None
    for _ in range(2):
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            sensor(context)
            cursor = context.cursor
    assert [(each.title, each.text) for each in heard.notices] == [
        ("inbox broke", "storage is away")
    ]
    ticks.clear()
    for broken in (False, True):
        ticks[:] = [Tick()] if broken else []
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            sensor(context)
            cursor = context.cursor
    assert len(heard.notices) == 2, "again when it broke again"
    for name in ("outbox", "archive"):
        states.append(State())
        states[-1].instigator_name = name
    object.__setattr__(heard, "away", True)
    for count in (3, 4, 4):
        with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
            sensor(context)
            cursor = context.cursor
        assert len(heard.notices) == count, "one a tick where nobody takes them"
    heard.notices.clear()
    states[:] = [State("other")]
    with dg.build_sensor_context(instance=instance) as context:
        context._code_location_origin = origin("own").code_location_origin
        sensor(context)
    assert heard.notices == [], "the other location tells of it"
