"""Flagged windows into events: one that begins, goes on and ends, and not an alarm a window."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from sensor_pipeline.detection.features import Array, runs
from sensor_pipeline.readings.windows import ordered


@dataclass(frozen=True, kw_only=True)
class Hysteresis:
    """When an event begins and when it is over."""

    open_after: int = 1
    """Windows in a row at or above the threshold."""
    close_after: int = 100
    """Windows in a row below `close_below` of the threshold."""
    close_below: float = 0.5


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something unusual at one sensor, from its first flagged window to the end of its last."""

    device: str
    sensor: str
    start: datetime
    end: datetime
    flagged: int
    """Windows at or above the threshold."""
    peak_score: float
    peak_time: datetime
    peak_value: float
    threshold: float
    open: bool
    """Whether it goes on when the data ends."""

    def as_json(self) -> dict[str, Any]:
        times = {name: getattr(self, name).isoformat() for name in ("start", "end", "peak_time")}
        return {**asdict(self), **times}


SCHEMA: Final[dict[str, Any]] = {
    "device": pl.String,
    "sensor": pl.String,
    **dict.fromkeys(("start", "end"), pl.Datetime("us")),
    "flagged": pl.Int64,
    "peak_score": pl.Float64,
    "peak_time": pl.Datetime("us"),
    **dict.fromkeys(("peak_value", "threshold"), pl.Float64),
    "open": pl.Boolean,
}


def spans(scores: Array, threshold: float, rule: Hysteresis) -> list[tuple[int, int, bool]]:
    """First flagged and last flagged window of each event, and whether it is still open."""
    found: list[tuple[int, int, bool]] = []
    start: int | None = None
    last = in_a_row = quiet = 0
    for i, score in enumerate(scores):
        flagged = score >= threshold
        in_a_row = in_a_row + 1 if flagged else 0
        if start is None:
            if in_a_row >= rule.open_after:
                start, last, quiet = i - in_a_row + 1, i, 0
            continue
        last = i if flagged else last
        quiet = quiet + 1 if score < threshold * rule.close_below else 0
        if quiet >= rule.close_after:
            found.append((start, last, False))
            start = None
    return [*found, (start, last, True)] if start is not None else found


def find_events(scores: pl.DataFrame, rule: Hysteresis, *, window: timedelta) -> list[Event]:
    """The events in scores, the worst first."""
    hot = scores.filter(pl.col("score") >= pl.col("threshold")).select("device", "sensor").unique()
    rows = scores.join(hot, on=["device", "sensor"], how="semi")
    scored = ordered(rows.filter(pl.col("score").is_not_null()))
    values, thresholds = scored["score"].to_numpy(), scored["threshold"].to_numpy()
    found = []
    for device, sensor, first, after in runs(scored):
        threshold = float(thresholds[first])
        for start, last, is_open in spans(values[first:after], threshold, rule):
            part = values[first + start : first + last + 1]
            peak = first + start + int(part.argmax())
            found.append(
                Event(
                    device=device,
                    sensor=sensor,
                    start=scored["time"][first + start],
                    end=scored["time"][first + last] + window,
                    flagged=int((part >= threshold).sum()),
                    peak_score=float(values[peak]),
                    peak_time=scored["time"][peak],
                    peak_value=float(scored["value"][peak]),
                    threshold=threshold,
                    open=is_open,
                )
            )
    return sorted(found, key=lambda event: (-event.peak_score, event.device, event.sensor))


def onsets(scores: Array, quiet: int) -> Array:
    """Scores of what is worse than all of the `quiet` windows before it, and 0 of the rest.

    What events are at every threshold at once: at each, one alarm when it is crossed, and another
    within the time that an event takes to close only for something still worse.
    """
    before: npt.NDArray[np.float64] = np.concatenate([np.full(quiet, -np.inf), scores])
    worst = np.lib.stride_tricks.sliding_window_view(before, quiet)[: len(scores)].max(axis=1)
    return np.where(scores > worst, np.maximum(scores, 0.0), 0.0)
