"""Which windows a detector can be fitted to."""

import numpy as np
import pytest

from sensor_pipeline.detection.fit import CannotFit, Recipe, fit, fit_all
from sensor_pipeline_tests.detection.series import noise, windows


def test_a_sensor_that_never_changed_is_flagged_when_it_does() -> None:
    detector = fit(np.full((500, 1), 7.0), Recipe())
    assert detector.score(np.array([[7.0], [17.0]])) == pytest.approx([0.0, 10.0], abs=0.1)


def test_a_sensor_with_too_little_or_no_number_costs_itself() -> None:
    fitted = fit_all(windows({"good": noise(300), "short": noise(50)}), Recipe())
    assert [*fitted.detectors.by_sensor] == [("a", "good")]
    assert fitted.failed == ("a short: it has 50 windows to learn from, of 100",)
    with pytest.raises(CannotFit):
        fit(noise(99)[:, None], Recipe())
