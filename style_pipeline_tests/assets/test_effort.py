import time
from collections.abc import Iterator

import dagster as dg
import pytest

from style_pipeline.assets import effort
from style_pipeline.assets.effort import Meter, in_total, latest_metadata

ASSET = dg.AssetKey("styled_frames")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """What a meter reads; the process may use four cores."""
    now = {"monotonic": 100.0, "process_time": 10.0}
    monkeypatch.setattr(time, "monotonic", lambda: now["monotonic"])
    monkeypatch.setattr(time, "process_time", lambda: now["process_time"])
    monkeypatch.setattr(effort, "processors", lambda: 4)
    return now


def test_a_cpu_s_seconds_are_those_of_all_cores(clock: dict[str, float]) -> None:
    meter = Meter()
    clock.update(monotonic=150, process_time=10 + 180)
    assert meter.read(gpu_busy=None, price_per_hour=None) == {
        "cpu_seconds": 180,
        "utilisation": 0.9,
    }


def test_a_gpu_is_paid_for_also_while_it_waits(clock: dict[str, float]) -> None:
    meter = Meter()
    clock.update(monotonic=136)
    assert meter.read(gpu_busy=27, price_per_hour=4.0) == {
        "gpu_seconds": 36,
        "utilisation": 0.75,
        "cost": 0.04,
    }


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def materialize(instance: dg.DagsterInstance, partition: str, number: int) -> None:
    instance.report_runless_asset_event(
        dg.AssetMaterialization(ASSET, partition=partition, metadata={"number": number})
    )


def test_each_partition_s_latest_metadata_is_found_in_bounded_queries(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, partition in enumerate(["a", "b", "b", "c", "other", "c", "c"]):
        materialize(instance, partition, number)
    monkeypatch.setattr(effort, "PAGE", 2)
    found = latest_metadata(instance, ASSET, ["a", "b", "c", "never made"])
    assert sorted(chunk["number"] for chunk in found) == [0, 2, 6]


def test_looking_for_metadata_ends_though_a_partition_was_made_very_often(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    materialize(instance, "a", 0)
    for number in range(1, 9):
        materialize(instance, "b", number)
    monkeypatch.setattr(effort, "PAGE", 2)
    assert latest_metadata(instance, ASSET, ["a", "b"]) == [{"number": 8}]


def test_a_film_s_utilisation_is_that_of_its_chunks_by_their_length() -> None:
    chunks: list[dict[str, float]] = [
        {"frames": 300, "cpu_seconds": 55.0, "utilisation": 0.9, "cost": 0.5},
        {"frames": 100, "cpu_seconds": 10.0, "utilisation": 0.5, "cost": 0.25},
        {"frames": 0},
    ]
    assert in_total(chunks) == {"cpu_seconds": 65, "utilisation": 0.8, "cost": 0.75}


def test_a_film_of_unlike_machines_tells_both_kinds_of_seconds() -> None:
    gpu: dict[str, float] = {"frames": 240, "gpu_seconds": 20.0, "utilisation": 0.5}
    cpu: dict[str, float] = {"frames": 240, "cpu_seconds": 30.0, "utilisation": 0.5, "cost": 1}
    assert in_total([gpu, cpu]) == {"gpu_seconds": 20, "cpu_seconds": 30, "utilisation": 0.5}


def test_nothing_is_summed_up_of_which_a_chunk_does_not_tell() -> None:
    chunk: dict[str, float] = {"frames": 240, "cpu_seconds": 30.0, "utilisation": 0.5}
    older: dict[str, float] = {"frames": 240}
    assert in_total([chunk, older]) == {}
    assert in_total([{"frames": 0}]) == {}
