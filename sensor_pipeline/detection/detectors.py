"""The detectors of a shard: one-class SVMs with an RBF kernel, as plain arrays."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from sensor_pipeline.detection.features import Array, features, runs

FITTED, IMPORTED = "fitted", "imported"
_LEAST: Final = 1e-300
"""Where the kernel of a far value underflows: the highest score is about 690."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Detector:
    """The detector of one sensor.

    With `z = (features - mean) / scale`, scikit-learn's `decision_function(z)` is the sum over the
    support vectors of `coefficient * exp(-gamma * |z - vector|^2)`, plus `intercept`, which is
    negative.
    """

    device: str
    sensor: str
    mean: Array
    scale: Array
    gamma: float
    intercept: float
    threshold: float
    vectors: Array
    coefficients: Array
    origin: str = FITTED

    def score(self, rows: Array) -> Array:
        """How far each row is beyond the boundary: 0 on it, negative within, unbounded without.

        It is the logarithm of what the boundary's kernel sum is to the row's: unlike the decision
        it tells far values from farther ones.
        """
        return np.log(-self.intercept / np.maximum(self._kernel(rows), _LEAST))

    def _kernel(self, rows: Array) -> Array:
        # A row a support vector: a handful, of hundreds of windows each. In place, as the memory
        # would take longer than the arithmetic.
        scaled = ((rows - self.mean) / self.scale).T
        distances = np.subtract.outer(self.vectors[:, 0], scaled[0])
        distances *= distances
        for feature in range(1, len(scaled)):
            away = np.subtract.outer(self.vectors[:, feature], scaled[feature])
            distances += away * away
        distances *= -self.gamma
        total: Array = self.coefficients @ np.exp(distances, out=distances)
        return total


@dataclass(frozen=True, kw_only=True)
class Detectors:
    """Detectors by device and sensor, that all see the same features."""

    features: tuple[str, ...]
    by_sensor: Mapping[tuple[str, str], Detector]

    def __len__(self) -> int:
        return len(self.by_sensor)

    def onto(self, before: "Detectors | None") -> "Detectors":
        """These, and of `before` those of other sensors, if they see the same features."""
        same = before is not None and before.features == self.features
        kept = before.by_sensor if before and same else {}
        return Detectors(features=self.features, by_sensor={**kept, **self.by_sensor})

    @staticmethod
    def of(names: Sequence[str], found: Iterable[Detector]) -> "Detectors":
        by_sensor = {(each.device, each.sensor): each for each in found}
        return Detectors(features=tuple(names), by_sensor=by_sensor)


SCORES: Final[dict[str, Any]] = {
    "device": pl.Categorical,
    "sensor": pl.Categorical,
    "time": pl.Datetime("us"),
    "value": pl.Float64,
    "score": pl.Float64,
    "threshold": pl.Float64,
    "detector": pl.Categorical,
}


@dataclass(frozen=True)
class Scored:
    """The scores of a shard's hour, and what became of its sensors."""

    scores: pl.DataFrame
    """Null, with no detector named, where a sensor has none or its detector failed."""
    models: int
    unknown: tuple[str, ...]
    """Sensors without a detector."""
    failed: tuple[str, ...]
    """A line for each detector that failed."""


def score_windows(windows: pl.DataFrame, detectors: Detectors, *, digest: str) -> Scored:
    """Score windows that are ordered by sensor and time; `digest` is of the detectors' file."""
    rows = features(windows, detectors.features)
    scores = np.full(len(rows), np.nan)
    thresholds = np.full(len(rows), np.nan)
    unknown, failed = [], []
    models = 0
    with np.errstate(all="ignore"):
        for device, sensor, start, end in runs(windows):
            detector = detectors.by_sensor.get((device, sensor))
            if detector is None:
                unknown.append(f"{device} {sensor}")
                continue
            try:
                found = detector.score(rows[start:end])
            except ValueError as error:  # arrays that do not fit together
                failed.append(f"the detector of {device} {sensor} fails ({error}): fit it again")
                continue
            if not math.isfinite(found.sum()):
                failed.append(f"the detector of {device} {sensor} gives no number: fit it again")
                continue
            scores[start:end], thresholds[start:end] = found, detector.threshold
            models += 1
    score = pl.Series(scores, nan_to_null=True)
    table = windows.select(
        *("device", "sensor", "time", "value"),
        score=score,
        threshold=pl.Series(thresholds, nan_to_null=True),
        detector=pl.when(score.is_not_null()).then(pl.lit(digest, dtype=pl.Categorical)),
    )
    return Scored(table, models, tuple(unknown), tuple(failed))
