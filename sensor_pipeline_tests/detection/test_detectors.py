"""Array arithmetic in place of scikit-learn, and the file that it is kept in."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file
from sklearn.svm import OneClassSVM

from sensor_pipeline.detection.detector_file import (
    FORMAT,
    BadDetectors,
    load_detectors,
    save_detectors,
)
from sensor_pipeline.detection.detectors import IMPORTED, Detectors, score_windows
from sensor_pipeline.detection.features import FEATURES, features
from sensor_pipeline.detection.fit import CannotFit, Recipe, fit, fit_all, from_scikit_learn

START = datetime(2026, 3, 1)


def windows(values: dict[str, Any]) -> pl.DataFrame:
    """Windows of one device's sensors."""
    tables = [
        pl.DataFrame(
            {
                "device": "a",
                "sensor": name,
                "time": [START + timedelta(seconds=5 * i) for i in range(len(numbers))],
                "value": np.asarray(numbers, dtype=np.float64),
            }
        )
        for name, numbers in sorted(values.items())
    ]
    return pl.concat(tables)


def noise(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(50, 3, count)


@pytest.mark.parametrize("names", [("value",), ("value", "change"), tuple(FEATURES)])
@pytest.mark.parametrize("nu", [0.001, 0.05, 0.5])
def test_scoring_is_scikit_learn_s_to_a_billionth(names: tuple[str, ...], nu: float) -> None:
    rows = features(windows({"t": noise(600)}), names)
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    svm = OneClassSVM(nu=nu, gamma=0.3).fit((rows - mean) / scale)
    detector = from_scikit_learn(svm, mean=mean, scale=scale, device="a", sensor="t", threshold=1.0)
    others = features(windows({"t": np.concatenate([noise(300, 1), [0.0, 200.0, -1e6]])}), names)
    theirs = svm.decision_function((others - mean) / scale)
    assert detector.decision(others) == pytest.approx(theirs, abs=1e-9)
    assert ((detector.score(others) > 1e-9) == (theirs < -1e-9 * svm.offset_[0])).all()


def test_what_is_far_scores_more_the_farther_it_is_and_always_a_number() -> None:
    detector = fit(noise(500)[:, None], Recipe())
    scores = detector.score(np.array([[50.0], [70.0], [80.0], [90.0], [1e150]]))
    assert (np.diff(scores) > 0).all()
    assert np.isfinite(scores).all()


def test_a_sensor_that_never_changed_is_flagged_when_it_does() -> None:
    detector = fit(np.full((500, 1), 7.0), Recipe())
    assert detector.score(np.array([[7.0], [17.0]])) == pytest.approx([0.0, 10.0], abs=0.1)


def test_features_do_not_look_into_the_hour_before() -> None:
    found = features(windows({"t": noise(1000)}), ("value", "change", "mean", "spread"))
    alone = features(windows({"t": noise(1000)}).slice(720), ("value", "change", "mean", "spread"))
    assert found[720:] == pytest.approx(alone)
    assert alone[0, 1:].tolist() == [0.0, alone[0, 0], 0.0]


def test_a_sensor_with_too_little_or_no_number_costs_itself() -> None:
    fitted = fit_all(windows({"good": noise(300), "short": noise(50)}), Recipe())
    assert [*fitted.detectors.by_sensor] == [("a", "good")]
    assert fitted.failed == ("a short: it has 50 windows to learn from, of 100",)
    with pytest.raises(CannotFit):
        fit(noise(99)[:, None], Recipe())


def test_a_detector_that_fails_or_is_missing_costs_its_own_sensor() -> None:
    table = windows({"bad": noise(200), "good": noise(200), "new": noise(200)})
    known = table.filter(pl.col("sensor") != "new")
    fitted = fit_all(known, Recipe()).detectors.by_sensor
    bad = fitted["a", "bad"]
    broken = replace(bad, coefficients=np.full(len(bad.coefficients), np.nan))
    library = Detectors.of(("value",), [broken, fitted["a", "good"]])
    found = score_windows(table, library, digest="d")
    assert (found.models, found.unknown) == (1, ("a new",))
    assert found.failed == ("the detector of a bad gives no number: fit it again",)
    scored = found.scores.filter(pl.col("score").is_not_null())
    assert scored["sensor"].unique().to_list() == ["good"]
    assert len(found.scores) == 600, "what cannot be scored is not lost"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    save_detectors(
        tmp_path / "file",
        fit_all(
            windows({"x": noise(200), "y": noise(300, 2)}), Recipe(features=("value", "change"))
        ).detectors,
    )
    return tmp_path / "file"


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
    about = {"format": FORMAT, "features": '["value", "change"]'}
    save_file(arrays, stored, metadata={**about, "sensors": '[["a", "x"], ["a", "y"]]'})
    with pytest.raises(BadDetectors, match=reason):
        load_detectors(stored)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"format": FORMAT},
        {"format": FORMAT, "features": '["weight"]', "sensors": "[]"},
        {"format": FORMAT, "features": "[]", "sensors": "[]"},
        {"format": FORMAT, "features": '["value"]', "sensors": '[["a", "x"], ["a", "x"]]'},
        {"format": FORMAT, "features": '["value"]', "sensors": '["a"]'},
    ],
)
def test_a_file_without_its_names_is_refused(stored: Path, metadata: dict[str, str]) -> None:
    save_file(load_file(stored), stored, metadata=metadata)
    with pytest.raises(BadDetectors):
        load_detectors(stored)


def test_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(BadDetectors, match="no safetensors file"):
        load_detectors(tmp_path / "file")
