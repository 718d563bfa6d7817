"""Points in time, however they are written."""

from datetime import datetime

import polars as pl
import pytest

from sensor_pipeline.readings.times import times

TIME = "2026-03-01T10:00:05.250Z"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-01T10:00:05.250Z", datetime(2026, 3, 1, 10, 0, 5, 250000)),
        ("2026-03-01 10:00:05", datetime(2026, 3, 1, 10, 0, 5)),
        ("2026-03-01T12:00:05+02:00", datetime(2026, 3, 1, 10, 0, 5)),
        ("2026-03-01T10:00:05.1234567Z", datetime(2026, 3, 1, 10, 0, 5, 123456)),
        ("2026-03-01T10:00", datetime(2026, 3, 1, 10)),
        ("11/16/2016 4:44:11 PM", datetime(2016, 11, 16, 16, 44, 11)),
        ("2026-03-01T12:00:05+02", datetime(2026, 3, 1, 10, 0, 5)),
        ("2026-03-01T12:00+0200", datetime(2026, 3, 1, 10)),
        ("1772359205", datetime(2026, 3, 1, 10, 0, 5)),
        ("1772359205250", datetime(2026, 3, 1, 10, 0, 5, 250000)),
        ("yesterday", None),
        ("nan", None),
        ("1e400", None),
        # Of which Python has no time, and of which polars panics.
        ("9e15", None),
        ("-1e12", None),
        ("0000-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-23:00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_read_however_it_is_written(written: str | None, meant: object) -> None:
    # Beside one of the usual kind, which must not decide what becomes of it.
    found = times(pl.Series([TIME, written], dtype=pl.String))
    assert found.to_list() == [datetime(2026, 3, 1, 10, 0, 5, 250000), meant]
