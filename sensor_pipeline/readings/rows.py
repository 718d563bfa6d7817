"""Rows as they were sent, and the readings that they are."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pipeline_kit.errors import PermanentError
from sensor_pipeline.readings.times import times

SCHEMA: Final[dict[str, Any]] = {
    "time": pl.Datetime("us"),
    "device": pl.Categorical,
    "sensor": pl.Categorical,
    "value": pl.Float64,
    "hub": pl.Categorical,
    "sequence": pl.Int64,
    "part": pl.UInt32,
}
"""Of readings. Names are categories, as millions of rows repeat a few, and texts take several times
as long to compare. `hub` and `sequence` are null where no event hub numbered them; `part` is the
place of a reading among those of its event."""

_MOST = 1e150
"""Of values: squares and sums of larger ones are no numbers."""
_NO_TEXT = re.compile("[\ud800-\udfff]")
"""Halves of characters, as JSON can name them."""
_NOT_AS_SENT = r"^([\[{]|true$|false$)"
"""What polars makes a text of: objects, lists and truth name nothing."""


class BrokenFile(PermanentError):
    """A file cannot be read as what its name says."""


@dataclass(frozen=True)
class Fields:
    """What the fields of a row are called."""

    time: str = "TS"
    device: str = "Device"
    sensor: str = "Tag"
    value: str = "Value"

    @property
    def names(self) -> dict[str, str]:
        """By what they are called here."""
        return {
            "time": self.time,
            "device": self.device,
            "sensor": self.sensor,
            "value": self.value,
        }


@dataclass(frozen=True)
class Parsed:
    """The readings of a file, and the text of each row that is none."""

    rows: pl.DataFrame
    malformed: tuple[str, ...] = ()


def together(parts: Sequence[Parsed]) -> Parsed:
    """All of them as one."""
    rows = pl.concat([empty(), *(part.rows for part in parts)])
    return Parsed(rows, tuple(text for part in parts for text in part.malformed))


def empty() -> pl.DataFrame:
    """No readings."""
    return pl.DataFrame(schema=SCHEMA)


def from_json(
    texts: Sequence[bytes],
    fields: Fields,
    *,
    hub: str | None = None,
    sequences: Sequence[int] | None = None,
    times: Sequence[str] | None = None,
) -> Parsed:
    """Readings from JSON: an object each, a list of objects, or objects on lines.

    `sequences` are the numbers that a hub gave the texts. `times` stand in for the field of the
    time where the texts themselves have none.
    """
    columns = _flat(texts, fields)
    origins: Sequence[int] = range(len(texts))
    parts: Sequence[int] = [0] * len(texts)
    bad: list[str] = []
    if columns is None:
        columns, origins, parts, bad = _nested(texts, fields)
    if times is not None:
        stand_in = pl.Series([times[i] for i in origins], dtype=pl.String)
        columns = columns.with_columns(pl.col("time").fill_null(stand_in))
    columns = columns.with_columns(
        pl.lit(hub, dtype=pl.String).alias("hub"),
        pl.Series(
            "sequence",
            None if sequences is None else [sequences[i] for i in origins],
            dtype=pl.Int64,
        )
        if sequences is not None
        else pl.lit(None, dtype=pl.Int64).alias("sequence"),
        pl.Series("part", parts, dtype=pl.UInt32),
    )
    rows, wrong = _checked(columns)
    bad += [texts[origins[i]].decode(errors="replace") for i in wrong]
    return Parsed(rows, tuple(bad))


def from_columns(table: pl.DataFrame, fields: Fields) -> Parsed:
    """Readings from a table of texts. Raises `BrokenFile` where it has not the columns."""
    if missing := [name for name in fields.names.values() if name not in table.columns]:
        there = ", ".join(map(repr, table.columns[:10]))[:200]
        raise BrokenFile(
            f"it has no column {' or '.join(missing)}: its columns are {there}; rename them or set "
            "the names of fields"
        )
    table = table.filter(pl.any_horizontal(pl.all().is_not_null()))  # others are empty lines
    columns = table.select(
        **{ours: pl.col(theirs).str.strip_chars() for ours, theirs in fields.names.items()},
        hub=pl.lit(None, dtype=pl.String),
        sequence=pl.lit(None, dtype=pl.Int64),
        part=pl.lit(0, dtype=pl.UInt32),
    ).with_columns(pl.col("value").cast(pl.Float64, strict=False))
    rows, wrong = _checked(columns)
    return Parsed(rows, tuple(",".join(each or "" for each in table.row(i)) for i in wrong))


def _flat(texts: Sequence[bytes], fields: Fields) -> pl.DataFrame | None:
    """The fields of texts that are one object each, of the usual types; else None."""
    schema: dict[str, Any] = dict.fromkeys(fields.names.values(), pl.String)
    schema[fields.value] = pl.Float64
    lines = b"\n".join(texts)
    if len(schema) < 4 or lines.count(b"\n") != len(texts) - 1 or b"\\ud" in lines.lower():
        return None
    try:
        table = pl.read_ndjson(lines, schema=schema)
    except pl.exceptions.PolarsError:
        return None
    found = table.select(**{ours: pl.col(theirs) for ours, theirs in fields.names.items()})
    names = found.select(pl.col("device", "sensor").str.contains(_NOT_AS_SENT).any())
    return None if len(found) != len(texts) or any(names.row(0)) else found


def _nested(
    texts: Sequence[bytes], fields: Fields
) -> tuple[pl.DataFrame, list[int], list[int], list[str]]:
    """The same of any JSON, with the text and the place in it of each row, and what is no JSON."""
    found: list[tuple[str | None, str | None, str | None, float | None]] = []
    origins: list[int] = []
    parts: list[int] = []
    bad: list[str] = []
    for number, text in enumerate(texts):
        objects = _objects(text)
        if not objects:
            bad.append(text.decode(errors="replace"))
        for part, each in enumerate(objects):
            time, device, sensor, value = (each.get(name) for name in fields.names.values())
            found.append((_word(time), _word(device), _word(sensor), _number(value)))
            origins.append(number)
            parts.append(part)
    schema = dict.fromkeys(fields.names, pl.String) | {"value": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row"), origins, parts, bad


def _objects(text: bytes) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return []
    objects = found if isinstance(found, list) else [found]
    return objects if all(isinstance(each, dict) for each in objects) else []


def _word(value: Any) -> str | None:
    """What names a device, a sensor or a time; of a JSON number, its digits."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    whole = isinstance(value, float) and value.is_integer()
    word = str(int(value) if whole else value)
    return None if _NO_TEXT.search(word) else word


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _checked(columns: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """The rows that are readings, and the places of those that are not."""
    rows = columns.with_columns(times(columns["time"]))
    good = (
        pl.col("time").is_not_null()
        & (pl.col("value").abs() <= _MOST).fill_null(False)
        & _is_name("device")
        & _is_name("sensor")
    )
    marked = rows.with_columns(good.alias("good"))
    wrong = marked["good"].not_().arg_true().to_list()
    found = marked.filter("good") if wrong else marked
    return found.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), wrong


def _is_name(column: str) -> pl.Expr:
    """Bytes that were no text are one and the same character: they name nothing."""
    name = pl.col(column).fill_null("")
    return (name != "") & ~name.str.contains("\ufffd", literal=True)
