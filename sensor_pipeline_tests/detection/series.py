"""Windows of sensors that are made up."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

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
    return pl.concat(tables).cast({"device": pl.Categorical, "sensor": pl.Categorical})


def noise(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(50, 3, count)
