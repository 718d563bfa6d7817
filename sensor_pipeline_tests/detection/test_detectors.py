"""Array arithmetic in place of scikit-learn."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.svm import OneClassSVM

from sensor_pipeline.detection.detectors import Detectors, score_windows
from sensor_pipeline.detection.features import FEATURES, features
from sensor_pipeline.detection.fit import Recipe, fit, fit_all, from_scikit_learn
from sensor_pipeline_tests.detection.series import noise, windows


@pytest.mark.parametrize("names", [("value",), ("value", "change"), tuple(FEATURES)])
@pytest.mark.parametrize("nu", [0.001, 0.05, 0.5])
def test_scoring_is_scikit_learn_s_to_a_billionth(names: tuple[str, ...], nu: float) -> None:
    rows = features(windows({"t": noise(600)}), names)
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    svm = OneClassSVM(nu=nu, gamma=0.3).fit((rows - mean) / scale)
    detector = from_scikit_learn(svm, mean=mean, scale=scale, device="a", sensor="t", threshold=1.0)
    others = features(windows({"t": np.concatenate([noise(300, 1), [0.0, 200.0, -1e6]])}), names)
    theirs = svm.decision_function((others - mean) / scale)
    ours = -detector.intercept * np.expm1(-detector.score(others))
    assert ours == pytest.approx(theirs, abs=1e-9)
    assert ((detector.score(others) > 1e-9) == (theirs < -1e-9 * svm.offset_[0])).all()


def test_what_is_far_scores_more_the_farther_it_is_and_always_a_number() -> None:
    detector = fit(noise(500)[:, None], Recipe())
    scores = detector.score(np.array([[50.0], [70.0], [80.0], [90.0], [1e150]]))
    assert (np.diff(scores) > 0).all()
    assert np.isfinite(scores).all()


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
