"""The file that detectors are kept in."""

import importlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sensor_pipeline.detection.detector_file import (
    FORMAT,
    BadDetectors,
    load_detectors,
    save_detectors,
)
from sensor_pipeline.detection.detectors import IMPORTED, Detectors, score_windows
from sensor_pipeline.detection.fit import Recipe, fit_all
from sensor_pipeline_tests.detection.series import noise, windows

SENSORS = '[["a", "x"], ["a", "y"]]'


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    save_detectors(
        tmp_path / "file",
        fit_all(
            windows({"x": noise(200), "y": noise(300, 2)}), Recipe(features=("value", "change"))
        ).detectors,
    )
    return tmp_path / "file"


def test_the_same_detectors_are_the_same_bytes(stored: Path, tmp_path: Path) -> None:
    for number in range(5):
        save_detectors(tmp_path / f"{number}", load_detectors(stored))
        assert (tmp_path / f"{number}").read_bytes() == stored.read_bytes()


def test_what_is_loaded_scores_as_what_was_saved_and_knows_that_it_was_imported(
    stored: Path,
) -> None:
    table = windows({"x": noise(200), "y": noise(300, 2)})
    before = fit_all(table, Recipe(features=("value", "change"))).detectors
    after = load_detectors(stored, origin=IMPORTED)
    scores = [score_windows(table, each, digest="").scores for each in (before, after)]
    assert scores[0].equals(scores[1])
    assert {each.origin for each in after.by_sensor.values()} == {IMPORTED}


def test_a_file_of_no_detectors_is_one(tmp_path: Path) -> None:
    save_detectors(tmp_path / "file", Detectors.of(("value",), []))
    assert len(load_detectors(tmp_path / "file")) == 0


@pytest.mark.parametrize(
    ("array", "value", "reason"),
    [
        ("intercept", np.array([0.0, -1.0]), "intercept should be below 0"),
        ("gamma", np.array([0.0, 1.0]), "gamma should be above 0"),
        ("scale", np.array([[1.0, 0.0]] * 2), "scale should be above 0"),
        ("mean", np.array([[1.0, np.nan]] * 2), "mean holds what is no number"),
        ("mean", np.zeros((2, 3)), r"mean should be float64 of shape \(2, 2\)"),
        ("threshold", np.zeros(2, dtype=np.float32), "threshold should be float64"),
        ("counts", np.array([1, 1], dtype=np.int64), "vectors should be float64 of shape"),
        ("counts", np.array([-1, 99], dtype=np.int64), "counts should be at least 1"),
        ("coefficients", None, "coefficients should be float64"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(
    stored: Path, array: str, value: object, reason: str
) -> None:
    arrays: dict[str, Any] = load_file(stored)
    arrays.pop(array)
    if value is not None:
        arrays[array] = value
    about = {"format": FORMAT, "features": '["value", "change"]', "sensors": SENSORS}
    save_file(arrays, stored, metadata=about)
    with pytest.raises(BadDetectors, match=reason):
        load_detectors(stored)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"format": "another"}, "its format is 'another'"),
        ({"features": '["weight"]'}, "its features are weight"),
        ({"features": '["value", "value"]'}, "its features are value, value"),
        ({"features": "[]"}, "its features are none"),
        ({"features": '"value"'}, "features of its metadata"),
        ({"sensors": '[["a", "x"], ["a", "x"]]'}, "each sensor should be named once"),
        ({"sensors": '["ax", "ay"]'}, r"sensors\.0 of its metadata"),
        ({"sensors": '[["a", null], ["a", "y"]]'}, r"sensors\.0\.1 of its metadata"),
        ({"sensors": "[" * 100_000}, "sensors of its metadata"),
        ({"origins": '["elsewhere"]'}, r"origins\.0 of its metadata"),
    ],
)
def test_a_file_without_its_names_is_refused(
    stored: Path, metadata: dict[str, str], reason: str
) -> None:
    about = {"format": FORMAT, "features": '["value", "change"]', "sensors": SENSORS}
    save_file(load_file(stored), stored, metadata={**about, **metadata})
    with pytest.raises(BadDetectors, match=reason) as error:
        load_detectors(stored)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("type_of_numbers", ["BF16", "F8_E4M3"])
def test_numbers_that_numpy_has_not_are_refused(tmp_path: Path, type_of_numbers: str) -> None:
    size = 2 if type_of_numbers == "BF16" else 1
    tensor = {"dtype": type_of_numbers, "shape": [1], "data_offsets": [0, size]}
    header = json.dumps({"mean": tensor}).encode()
    (tmp_path / "file").write_bytes(len(header).to_bytes(8, "little") + header + bytes(size))
    with pytest.raises(BadDetectors, match="no safetensors file"):
        load_detectors(tmp_path / "file")
    with suppress(ImportError):
        importlib.import_module("ml_dtypes")  # teaches NumPy some of them, and others bring it
    with pytest.raises(BadDetectors, match="no safetensors file"):
        load_detectors(tmp_path / "file")


def test_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(BadDetectors, match="no safetensors file"):
        load_detectors(tmp_path / "file")
