"""Sensors that tell people, on runs of a real instance."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from pipeline_kit.orchestration.notices import (
    told_when_a_sensor_breaks,
    told_when_failed,
    told_when_made,
)
from pipeline_kit.orchestration.notifications import Notice, Notifier


class Heard(Notifier):
    """Keeps what it is to send."""

    notices: list[Notice]

    def __bool__(self) -> bool:
        return True

    def send(self, notice: Notice) -> list[str]:
        self.notices.append(notice)
        return []


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
    evaluate(told_when_failed(lambda: heard), result, instance, failed=True)
    assert heard.notices == []


def test_where_nothing_is_set_sensors_say_so(instance: dg.DagsterInstance) -> None:
    skipped = evaluate(
        told_when_made(Notifier, {"report": told}), run(instance), instance, failed=False
    )
    assert "neither a webhook nor mail" in str(skipped)


def test_people_are_told_once_that_a_sensor_broke(
    heard: Heard, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    class State:
        instigator_name, instigator_origin_id, selector_id = "inbox", "origin", "selector"

    class Tick:
        status = type("Status", (), {"value": "FAILURE"})
        error = type("Error", (), {"message": "storage is away\n"})

    monkeypatch.setattr(instance, "all_instigator_state", lambda: [State()])
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
