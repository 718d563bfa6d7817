"""``python -m benchmarks.nab PATH``: sensor_pipeline's detectors on the Numenta Anomaly Benchmark.

PATH is a copy of the benchmark: `data/`, `labels/combined_windows.json`. All 58 series are scored
with one fixed setting, without knowing what comes: a detector is fitted every 200 points on what
was before. The arithmetic of the score is the paper's (Lavin and Ahmad 2015, standard profile): an
alarm in a labeled window is worth the more the earlier it is, of the alarms in one window the best
counts, one outside costs the more the farther it is from the window before, a window without any
costs 1, and the first 15% of a series count for nothing. 0 is what no alarm at all scores, and 100
what the earliest in each window would. The threshold is one for all series: the best there is, as
the benchmark does it, or one that was fixed beforehand.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import erfc, sqrt
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.svm import OneClassSVM

from sensor_pipeline.detection.events import Hysteresis, onsets, spans
from sensor_pipeline.detection.features import Array
from sensor_pipeline.detection.fit import Recipe, fit

FALSE_ALARM: Final = 0.11
PROBATION: Final = 0.15
PROBATION_OF: Final = 5000
"""Points of a series that at most count for the length of the probation."""
REFIT: Final = 200
RULE: Final = Hysteresis()
RECIPE: Final = Recipe()

Scores = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Series:
    """A series, and what an alarm at each of its points is worth."""

    values: Array
    worth: Array
    window: npt.NDArray[np.int64]
    """The labeled window that a point is in, or -1."""
    probation: int


def sigmoid(position: Array) -> Array:
    """Of a place relative to a window, whose length is 1 and whose end is 0."""
    return np.where(position > 3, -1.0, 2 / (1 + np.exp(5 * np.minimum(position, 3.0))) - 1)


def worth_of(count: int, windows: list[tuple[int, int]]) -> tuple[Array, npt.NDArray[np.int64]]:
    """What an alarm at each point is worth, and the window it is in; windows by first and last."""
    worth, inside = np.full(count, -FALSE_ALARM), np.full(count, -1)
    following = [*(first for first, _ in windows[1:]), count][: len(windows)]
    for number, ((first, last), then) in enumerate(zip(windows, following, strict=True)):
        within, after = np.arange(first, last + 1), np.arange(last + 1, then)
        position = -(last - within + 1) / (last - first + 1)
        worth[within] = sigmoid(position) / sigmoid(np.array(-1.0))
        inside[within] = number
        worth[after] = FALSE_ALARM * sigmoid((after - last) / max(1, last - first))
    return worth, inside


def load(path: Path) -> dict[str, Series]:
    """All labeled series of the benchmark, by name."""
    found = {}
    labels = json.loads((path / "labels/combined_windows.json").read_text())
    for name in sorted(labels):
        table = pl.read_csv(path / "data" / name)
        times = {text: place for place, text in enumerate(table["timestamp"].to_list())}
        windows = [
            (times[first.partition(".")[0]], times[last.partition(".")[0]])
            for first, last in labels[name]
        ]
        worth, inside = worth_of(len(table), windows)
        probation = int(PROBATION * min(len(table), PROBATION_OF))
        values = table["value"].to_numpy().astype(np.float64)
        found[name] = Series(values, worth, inside, probation)
    return found


def total(series: Mapping[str, Series], scores: Scores) -> tuple[float, float]:
    """The best score that one threshold for all series gives, and that threshold."""
    parts = []
    offset = windows = 0
    for name, one in series.items():
        counted = slice(one.probation, None)
        inside = one.window[counted]
        parts.append(
            np.column_stack(
                [
                    scores[name][counted],
                    one.worth[counted],
                    np.where(inside < 0, -1, inside + offset),
                ]
            )
        )
        windows += len(set(inside[inside >= 0]))
        offset += 1000
    points = np.concatenate(parts)
    points = points[np.argsort(-points[:, 0], kind="stable")]
    best, threshold = -float(windows), np.inf
    current = best
    caught: dict[float, float] = {}
    for i, (score, worth, inside) in enumerate(points):
        if i and score != points[i - 1, 0] and current > best:
            best, threshold = current, float(points[i - 1, 0])
        if score <= 0:
            break
        if inside < 0:
            current += worth
        elif worth > caught.get(inside, -1.0):
            current += worth - caught.get(inside, -1.0)
            caught[inside] = worth
    return 100 * (best + windows) / (2 * windows), threshold


def windowed_gaussian(values: Array) -> Array:
    """The benchmark's own baseline, by which this arithmetic is checked: published 39.6."""
    size, step = 6400, 100
    shifted = values - values[0]
    sums, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in (shifted, shifted**2))
    scores = np.zeros(len(values))
    for i in range(1, len(values)):
        last = i if i <= size else size + (i - size) // step * step
        first = max(0, last - size)
        mean = (sums[last] - sums[first]) / (last - first)
        variance = (squares[last] - squares[first]) / (last - first) - mean**2
        deviation = sqrt(variance) if variance > 1e-12 else 1e-6
        scores[i] = 1 - 0.5 * erfc(abs(shifted[i] - mean) / deviation / 1.4142)
    return scores


def reference(values: Array) -> Array:
    """The way of the reference implementation: fitted once, on the raw value."""
    start = int(PROBATION * min(len(values), PROBATION_OF))
    svm = OneClassSVM(nu=1e-4, gamma=0.01).fit(values[:start, None])
    return np.where(svm.predict(values[:, None]) < 0, 1.0, 0.0)


def refitted(values: Array, recipe: Recipe, *, leave_out: bool = False) -> Array:
    """Fitted every `REFIT` points on all before; `leave_out` does not learn from what was flagged,
    unless that is more than half of it."""
    rows, scores = values[:, None], np.full(len(values), -np.inf)
    start = int(PROBATION * min(len(values), PROBATION_OF))
    for here in range(max(start - start % REFIT, REFIT), len(values), REFIT):
        known = rows[:here]
        if leave_out:
            calm = scores[:here] < recipe.threshold
            known = known[calm] if calm.mean() > 0.5 else known
        scores[here : here + REFIT] = fit(known, recipe).score(rows[here : here + REFIT])
    return scores


def alarms(scores: Array, threshold: float) -> Array:
    """1 where an event begins, as the pipeline tells events."""
    found = np.zeros(len(scores))
    found[[first for first, _, _ in spans(scores, threshold, RULE)]] = 1.0
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="NAB's standard profile, one setting for all.")
    parser.add_argument("path", type=Path)
    options = parser.parse_args()
    series = load(options.path)
    halves = [dict(list(series.items())[start::2]) for start in (0, 1)]
    print(f"{'detector':46} score  halves      threshold  seconds")

    def row(what: str, scores: Scores, seconds: float) -> None:
        score, threshold = total(series, scores)
        parts = " ".join(f"{total(half, scores)[0]:5.1f}" for half in halves)
        print(f"{what:46} {score:5.1f}  {parts} {threshold:10.3g} {seconds:8.1f}", flush=True)

    def scored(detector: Callable[[Array], Array]) -> tuple[Scores, float]:
        started = time.monotonic()
        found = {name: detector(one.values) for name, one in series.items()}
        return found, time.monotonic() - started

    row("windowed Gaussian (published: 39.6)", *scored(windowed_gaussian))
    row("the reference's way: static, raw value", *scored(reference))
    scores, seconds = scored(lambda values: refitted(values, RECIPE))
    row("refitted SVM, every flagged point an alarm", scores, seconds)
    quiet = {name: onsets(found, RULE.close_after) for name, found in scores.items()}
    row("refitted SVM, an alarm an event", quiet, seconds)
    for threshold in (RECIPE.threshold, 0.05):
        fixed = {name: alarms(found, threshold) for name, found in scores.items()}
        row(f"the same, with the threshold fixed at {threshold}", fixed, seconds)
    calm, seconds = scored(lambda values: refitted(values, RECIPE, leave_out=True))
    row(
        "not learning from flagged points, an alarm an event",
        {name: onsets(found, RULE.close_after) for name, found in calm.items()},
        seconds,
    )


if __name__ == "__main__":
    main()
