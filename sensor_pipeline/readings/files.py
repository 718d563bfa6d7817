"""The files that readings come in: Event Hubs Capture, CSV, NDJSON."""

import csv
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import fastavro
import polars as pl

from pipeline_kit.orchestration.names import extension
from sensor_pipeline.readings.names import hub_of
from sensor_pipeline.readings.rows import (
    BrokenFile,
    Fields,
    Parsed,
    from_columns,
    from_json,
    together,
)

BATCH: Final = 100_000
"""Rows in memory as Python objects at a time."""
MOST_BYTES: Final = 1 << 30
"""Capture closes a file at half of it."""


def read_file(path: Path, name: str, fields: Fields) -> Parsed:
    """The readings of a file that is called `name` in the store.

    Raises `BrokenFile`, whose one line does not name the file.
    """
    if (size := path.stat().st_size) > MOST_BYTES:
        raise BrokenFile(f"it has {size >> 20} MiB: split it into files of at most 1 GiB")
    try:
        return together(list(_READERS[extension(name)](path, name, fields)))
    except BrokenFile:
        raise
    except MemoryError:
        raise
    # Of libraries that parse what anybody may have written; polars' panics are no `Exception`.
    except (Exception, pl.exceptions.PanicException) as error:
        first = (str(error).splitlines() or [""])[0][:200]
        raise BrokenFile(f"it cannot be read ({type(error).__name__}: {first})") from error


def _capture(path: Path, name: str, fields: Fields) -> Iterator[Parsed]:
    """Events as Event Hubs Capture writes them: the reading is the JSON in `Body`."""
    hub = hub_of(name)
    with path.open("rb") as file:
        reader: Any = fastavro.reader(file)
        there = {field["name"] for field in reader.writer_schema.get("fields", ())}
        if missing := {"SequenceNumber", "EnqueuedTimeUtc", "Body"} - there:
            raise BrokenFile(
                f"its events have no {', '.join(sorted(missing))}: it is no file of Event Hubs "
                "Capture"
            )
        while True:
            # Lists of plain values: millions of tuples keep the garbage collector busy.
            bodies: list[bytes] = []
            sequences: list[int] = []
            enqueued: list[str] = []
            for event in islice(reader, BATCH):
                bodies.append(event["Body"] or b"")
                sequences.append(event["SequenceNumber"])
                enqueued.append(event["EnqueuedTimeUtc"])
            if not bodies:
                return
            yield from_json(
                bodies,
                fields,
                hub=hub,
                sequences=sequences,
                times=enqueued if fields.time == "EnqueuedTimeUtc" else None,
            )


def _ndjson(path: Path, name: str, fields: Fields) -> Iterator[Parsed]:
    with path.open("rb") as file:
        lines = (line.strip() for line in file)
        while batch := list(islice(filter(None, lines), BATCH)):
            yield from_json(batch, fields)


def _csv(path: Path, name: str, fields: Fields) -> Iterator[Parsed]:
    try:
        table = pl.read_csv(path, infer_schema=False, encoding="utf8-lossy")
    except pl.exceptions.ComputeError:  # rows of different lengths: each is judged alone
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            rows = csv.DictReader(file)
            names = rows.fieldnames or ()
            table = pl.DataFrame(
                [{name: row[name] or None for name in names} for row in rows],
                schema=dict.fromkeys(names, pl.String),
            )
    except pl.exceptions.NoDataError:
        return
    yield from_columns(table, fields)


_READERS: dict[str, Callable[[Path, str, Fields], Iterator[Parsed]]] = {
    "avro": _capture,
    "csv": _csv,
    "jsonl": _ndjson,
    "ndjson": _ndjson,
}
