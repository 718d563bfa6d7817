"""A pipeline over many files on the kit alone: see docs/another-pipeline.md."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import numpy as np
import pytest
from PIL import Image

from pipeline_kit.models.registry import Registry
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.example.assets import labels
from pipeline_kit_tests.example.definitions import defs
from pipeline_kit_tests.example.sensors import new_pictures


class Example:
    """One person's store and Dagster."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = folder, instance
        self.store = Store(url=(folder / "store").as_uri())
        self.cursor: str | None = None

    def publish(self, *, bias: float) -> str:
        """A model that sees more or less light than there is."""
        layer = np.zeros((2, 65))
        layer[0, -1], layer[1, :-1] = bias, 1 / 64
        np.save(self.folder / "weights.npy", layer)
        registry = Registry(store=self.store, suffix=".npy")
        return registry.publish("brightness", self.folder / "weights.npy")

    def drop(self, name: str, *, gray: int) -> None:
        Image.new("L", (40, 30), gray).save(self.folder / "dropped.png")
        self.store.upload(self.folder / "dropped.png", f"pictures/{name}")

    def poll(self) -> list[dg.RunRequest]:
        """A tick of the sensor, and what the daemon does with its result."""
        context = dg.build_sensor_context(
            self.instance, cursor=self.cursor, resources={"store": self.store}, definitions=defs
        )
        result = new_pictures(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions("pictures", list(request.partition_keys))
        for event in result.asset_events:
            self.instance.report_runless_asset_event(event)  # type: ignore[arg-type]
        return list(result.run_requests or [])

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [labels],
            partition_key=request.partition_key,
            tags=dict(request.tags),
            instance=self.instance,
            resources={"store": self.store},
            raise_on_error=False,
        )

    def label_of(self, name: str) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.store.read(f"labels/{name}.json"))
        return found


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    with dg.DagsterInstance.ephemeral() as instance:
        example = Example(tmp_path, instance)
        example.publish(bias=0.5)
        yield example


def why(result: dg.ExecuteInProcessResult) -> str:
    (event,) = result.get_step_failure_events()
    data = event.step_failure_data.user_failure_data
    return (data.description or "") if data else ""


def test_the_location_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)


def test_each_dropped_file_is_started_once_and_labeled_by_the_current_model(
    example: Example,
) -> None:
    example.drop("night.png", gray=20)
    example.drop("trip/day.png", gray=220)
    assert example.poll() == [], "it may still be copied"
    requests = example.poll()
    assert [request.partition_key for request in requests] == ["night.png", "trip/day.png"]
    assert all(example.run(request).success for request in requests)
    assert example.label_of("night.png")["label"] == "dark"
    assert example.label_of("trip/day.png")["label"] == "bright"
    assert example.poll() == []
    version = example.publish(bias=0.01)
    assert example.run(requests[0]).success
    assert example.label_of("night.png") == {"label": "bright", "model": version}


def test_what_is_no_picture_fails_once_in_one_line_that_says_what_to_do(example: Example) -> None:
    example.store.write("pictures/text.png", b"this is no picture")
    example.store.write("pictures/notes.txt", b"neither is this")
    example.poll()
    (request,) = example.poll()
    result = example.run(request)
    assert why(result) == "text.png: picture is no picture: export it again and drop it again"
    assert not any(event.is_step_up_for_retry for event in result.all_events)
    (refused,) = example.instance.fetch_observations(
        dg.AssetRecordsFilter(dg.AssetKey("pictures")), limit=10
    ).records
    assert refused.asset_observation
    assert "notes.txt is not taken" in (refused.asset_observation.description or "")


def test_a_run_for_a_file_that_was_replaced_leaves_it_to_the_new_one_s(example: Example) -> None:
    example.drop("night.png", gray=20)
    example.poll()
    (old,) = example.poll()
    example.drop("night.png", gray=220)
    assert "uploaded again meanwhile" in why(example.run(old))
    example.poll()
    (new,) = example.poll()
    assert new.run_key != old.run_key
    assert example.run(new).success
    assert example.label_of("night.png")["label"] == "bright"
