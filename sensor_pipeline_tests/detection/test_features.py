"""What a detector sees of a window."""

import pytest

from sensor_pipeline.detection.features import features, runs
from sensor_pipeline_tests.detection.series import noise, windows


def test_features_do_not_look_into_the_hour_before() -> None:
    found = features(windows({"t": noise(1000)}), ("value", "change", "mean", "spread"))
    alone = features(windows({"t": noise(1000)}).slice(720), ("value", "change", "mean", "spread"))
    assert found[720:] == pytest.approx(alone)
    assert alone[0, 1:].tolist() == [0.0, alone[0, 0], 0.0]


def test_the_rows_of_each_sensor_are_a_run() -> None:
    table = windows({"x": noise(3), "y": noise(2)})
    assert runs(table) == [("a", "x", 0, 3), ("a", "y", 3, 5)]
    assert runs(table.clear()) == []
