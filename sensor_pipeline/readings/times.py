"""Points in time, however they are written."""

from datetime import datetime

import polars as pl

_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%m/%d/%Y %I:%M:%S %p")
_OFFSET = r"(?:[+-]\d\d(?::?\d\d)?)$"
_MILLISECONDS_FROM = 1e11
"""Numbers from here on are milliseconds since 1970, smaller ones seconds."""
_FIRST, _LAST = datetime(1, 1, 1), datetime(9999, 12, 31)
"""Of times: beyond, Python has none, and polars panics."""


def times(texts: pl.Series) -> pl.Series:
    """Points in time (UTC) from ISO 8601, the US text of old captures, or seconds since 1970.

    A time without an offset is UTC; what is none of these is null.
    """
    plain = texts.str.strip_chars().str.replace("T", " ", literal=True).str.strip_suffix("Z")
    found = plain.str.to_datetime(_TIME_FORMATS[0], strict=False, time_unit="us")
    for attempt in (_with_offset, *_TIME_FORMATS[1:], _since_1970):
        if found.null_count() == plain.null_count():
            break
        if callable(attempt):
            other = attempt(plain)
        else:
            other = plain.str.to_datetime(attempt, strict=False, time_unit="us")
        found = found.fill_null(other) if found.null_count() < len(found) else other
    return found.set(~found.is_between(_FIRST, _LAST), None).alias("time")


def _with_offset(plain: pl.Series) -> pl.Series:
    """Of an offset after a time, as `+02:00` or `+02`: in a day alone it would be the month."""
    shown = plain.set(~plain.str.contains(r"\d:.*" + _OFFSET).fill_null(False), None)
    exact, short = (
        shown.str.to_datetime(f"%Y-%m-%d {time}%#z", strict=False, time_unit="us")
        for time in ("%H:%M:%S%.f", "%H:%M")
    )
    return exact.fill_null(short).dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _since_1970(plain: pl.Series) -> pl.Series:
    number = plain.cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite().fill_null(False), None)
    microseconds = pl.Series(number) * 1e6
    microseconds = microseconds.zip_with(number.fill_null(0.0) < _MILLISECONDS_FROM, number * 1e3)
    return microseconds.cast(pl.Int64, strict=False).cast(pl.Datetime("us"))
