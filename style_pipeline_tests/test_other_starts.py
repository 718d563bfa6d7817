"""A video that another system starts, as docs/operations.md has it, while the sensor is off."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest
from dagster_graphql.schema import create_schema
from graphql import parse, validate

from pipeline_kit_tests.waiting import wait_for
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.dagster_dev import PROJECT, DagsterDev
from style_pipeline_tests.following import drop, outcomes, runs_of, wait_for_the_end

OPERATIONS = (PROJECT / "docs/operations.md").read_text()
REQUESTS = [
    dedent(block)
    for block in re.findall(r"^ *```graphql\n(.*?)^ *```", OPERATIONS, re.DOTALL | re.MULTILINE)
]
SENSOR = {
    "repositoryName": "__repository__",
    "repositoryLocationName": "style_pipeline.definitions",
    "sensorName": "new_videos",
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_what_the_docs_ask_for_is_what_the_server_has(request_: str) -> None:
    assert validate(create_schema().graphql_schema, parse(request_)) == []


@contextmanager
def switched_off(dev: DagsterDev) -> Iterator[None]:
    found = dev.ask(
        """query ($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) {
            ... on Sensor { sensorState { id } }
        } }""",
        sensor=SENSOR,
    )
    state = found["sensorOrError"]["sensorState"]["id"]
    dev.ask("mutation ($id: String!) { stopSensor(id: $id) { __typename } }", id=state)
    try:
        yield
    finally:
        dev.ask(
            """mutation ($sensor: SensorSelector!) {
                startSensor(sensorSelector: $sensor) { __typename }
            }""",
            sensor=SENSOR,
        )


def ticked_twice(dev: DagsterDev, *, since: float) -> bool:
    ticks = dev.ticks("automation")
    return len(ticks) > 1 and ticks[1] > since


@pytest.mark.nightly
def test_another_system_starts_a_video_and_the_sensor_makes_nothing_of_it_again(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    clip = "ordered.mp4"
    with switched_off(local_dev):
        looked = local_dev.ticks("automation")[0]
        drop(local_dev, make_clip(tmp_path / clip, frames=8))
        wait_for("two more looks", lambda: ticked_twice(local_dev, since=looked))
        assert runs_of(local_dev, clip) == []
        answers = [local_dev.ask(each, video=f"brushwork/{clip}") for each in REQUESTS]
        assert [next(iter(answer.values()))["__typename"] for answer in answers] == [
            "AddDynamicPartitionSuccess",
            "LaunchRunSuccess",
        ]
        runs = wait_for_the_end(local_dev, clip, films=1)
        assert outcomes(runs)["audio", "SUCCESS"] == 1
    wait_for(
        "the sensor's run", lambda: outcomes(runs_of(local_dev, clip))["audio", "SUCCESS"] == 2
    )
    looked = local_dev.ticks("automation")[0]
    wait_for("two more looks", lambda: ticked_twice(local_dev, since=looked))
    assert outcomes(wait_for_the_end(local_dev, clip, films=1)) == {
        ("audio", "SUCCESS"): 2,
        ("styled_frames", "SUCCESS"): 2,
        ("styled_video", "SUCCESS"): 1,
    }
