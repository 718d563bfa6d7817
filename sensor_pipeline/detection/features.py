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
    same = (pl.col("device").eq(pl.col("device").shift())) & (
        pl.col("sensor").eq(pl.col("sensor").shift())
    )
    starts = windows.select(same.fill_null(False).not_().arg_true()).to_series().to_list()
    heads = windows[starts].select("device", "sensor").rows()
    ends = [*starts[1:], len(windows)]
    return [
        (device, sensor, start, end)
        for (device, sensor), start, end in zip(heads, starts, ends, strict=False)
    ]
