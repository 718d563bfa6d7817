"""What a detector sees of a window: its value, and how it stands to those before it in its hour."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]

RECENT: Final = 12
"""Windows, this one included, that `mean` and `spread` are of."""

_VALUE = pl.col("value")
_HOUR = ("device", "sensor", pl.col("time").dt.truncate("1h"))
FEATURES: Final = {
    "value": _VALUE,
    "change": _VALUE.diff().fill_null(0.0).over(_HOUR),
    "mean": _VALUE.rolling_mean(RECENT, min_samples=1).over(_HOUR),
    "spread": _VALUE.rolling_std(RECENT, min_samples=1, ddof=0).fill_null(0.0).over(_HOUR),
}


def features(windows: pl.DataFrame, names: Sequence[str]) -> Array:
    """Those features of windows that are ordered by sensor and time, a row a window.

    They look no further back than the hour begins, so that an hour can be scored by itself and
    comes out the same whatever became of the one before.
    """
    found = windows.select(FEATURES[name].alias(name) for name in names).to_numpy()
    return np.ascontiguousarray(found, dtype=np.float64)


def runs(windows: pl.DataFrame) -> list[tuple[str, str, int, int]]:
    """Device, sensor, first row and row after the last of each sensor, in order."""
    lengths = windows.group_by("device", "sensor", maintain_order=True).len()
    ends = lengths["len"].cum_sum().to_list()
    starts = [0, *ends][: len(ends)]
    return list(
        zip(lengths["device"].to_list(), lengths["sensor"].to_list(), starts, ends, strict=True)
    )
