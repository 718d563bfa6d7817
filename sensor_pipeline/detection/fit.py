"""Detectors from what sensors did lately, by scikit-learn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.svm import OneClassSVM

from pipeline_kit.errors import PermanentError
from sensor_pipeline.detection.detectors import Detector, Detectors
from sensor_pipeline.detection.features import Array, features, runs


class CannotFit(PermanentError):
    """Of these windows no detector can be made."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a detector is fitted; the defaults are those of `benchmarks.nab`."""

    features: tuple[str, ...] = ("value",)
    nu: float = 0.001
    """Of the windows that it learns from, the share that may lie without, at most."""
    gamma: float = 0.1
    threshold: float = 0.4
    """A score from which on a window is flagged: of normal noise, about five standard deviations
    from the mean, without a false event in eighty days of a window every five seconds."""
    most_windows: int = 2000
    """That it learns from, evenly spread: more add support vectors and little else."""
    least_windows: int = 100


@dataclass(frozen=True)
class Fitted:
    """Detectors, and a line for each sensor that has none."""

    detectors: Detectors
    failed: tuple[str, ...]


def fit_all(
    windows: pl.DataFrame, recipe: Recipe, *, on_progress: Callable[[int, int], None] | None = None
) -> Fitted:
    """A detector of each sensor of windows that are ordered by sensor and time."""
    rows = features(windows, recipe.features)
    found: list[Detector] = []
    failed: list[str] = []
    each = runs(windows)
    for number, (device, sensor, start, end) in enumerate(each):
        try:
            found.append(fit(rows[start:end], recipe, device=device, sensor=sensor))
        except (CannotFit, ValueError) as error:  # scikit-learn's own is a ValueError
            failed.append(f"{device} {sensor}: {error}")
        if on_progress:
            on_progress(number + 1, len(each))
    return Fitted(Detectors.of(recipe.features, found), tuple(failed))


def fit(rows: Array, recipe: Recipe, *, device: str = "", sensor: str = "") -> Detector:
    """The detector of a sensor, of its features, a row a window. Raises `CannotFit`."""
    if len(rows) < recipe.least_windows:
        raise CannotFit(f"it has {len(rows)} windows to learn from, of {recipe.least_windows}")
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    # A sensor that never changed: any change is one of a whole unit, and so flagged.
    scale[scale <= 1e-12 * np.maximum(1.0, np.abs(mean))] = 1.0
    every = -(-len(rows) // recipe.most_windows)
    # At scikit-learn's own tolerance, 1e-3, there are more than twice as many support vectors, all
    # of which take part in every score.
    svm = OneClassSVM(nu=recipe.nu, gamma=recipe.gamma, tol=1e-8)
    svm.fit(((rows - mean) / scale)[::-every])
    return from_scikit_learn(
        svm,
        mean=mean,
        scale=scale,
        device=device,
        sensor=sensor,
        threshold=recipe.threshold,
    )


def from_scikit_learn(
    svm: OneClassSVM,
    *,
    mean: Sequence[float] | Array,
    scale: Sequence[float] | Array,
    device: str,
    sensor: str,
    threshold: float,
    **more: Any,
) -> Detector:
    """A fitted `OneClassSVM` with an RBF kernel, and what its input was scaled with."""
    return Detector(
        device=device,
        sensor=sensor,
        mean=np.asarray(mean, dtype=np.float64),
        scale=np.asarray(scale, dtype=np.float64),
        gamma=float(svm._gamma),
        intercept=float(svm.intercept_[0]),
        threshold=threshold,
        vectors=np.asarray(svm.support_vectors_, dtype=np.float64),
        coefficients=np.asarray(svm.dual_coef_[0], dtype=np.float64),
        **more,
    )
