"""Which detectors a shard has, also when the count of shards is another."""

from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detectors import Detectors
from sensor_pipeline.detection.fit import Recipe, fit_all
from sensor_pipeline.library import current_detectors, fitted_shards, of_shard, publish
from sensor_pipeline_tests.detection.series import noise, windows

SENSORS = [f"t{number}" for number in range(12)]


@pytest.fixture(scope="module")
def fitted() -> Detectors:
    return fit_all(windows({name: noise(100) for name in SENSORS}), Recipe()).detectors


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "ops").as_uri())


def test_a_shard_has_what_was_published_for_it_last(
    ops: Store, fitted: Detectors, tmp_path: Path
) -> None:
    assert current_detectors(ops, 1, 2, folder=tmp_path) is None
    publish(ops, 1, 2, Detectors.of(fitted.features, []), folder=tmp_path)
    digest = publish(ops, 1, 2, fitted, folder=tmp_path)
    found = current_detectors(ops, 1, 2, folder=tmp_path)
    assert found
    assert (found[0].by_sensor.keys(), found[1]) == (fitted.by_sensor.keys(), digest)
    assert (fitted_shards(ops, 2), fitted_shards(ops, 3)) == ({1}, set())


def test_after_the_count_of_shards_changed_every_sensor_keeps_its_detector(
    ops: Store, fitted: Detectors, tmp_path: Path
) -> None:
    for shard in range(2):
        part = Detectors.of(fitted.features, of_shard(fitted, shard, 2))
        publish(ops, shard, 2, part, folder=tmp_path)
    gathered = [current_detectors(ops, shard, 3, folder=tmp_path) for shard in range(3)]
    names = [name for found in gathered if found for name in found[0].by_sensor]
    assert sorted(names) == sorted(fitted.by_sensor)
    assert fitted_shards(ops, 3) == {0, 1, 2}, "they are published as the shards' own"
