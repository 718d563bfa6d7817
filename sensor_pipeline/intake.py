"""Files of readings into hours: what is read, put aside for other hours, and said about it."""

import gc
import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from pipeline_kit.machine.cgroup import processors
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, Superseded
from pipeline_kit.storage.store import Store
from sensor_pipeline.object_names import Hour, malformed, outside, part, sorted_mark
from sensor_pipeline.readings.files import read_file
from sensor_pipeline.readings.names import HOUR, key_of
from sensor_pipeline.readings.rows import BrokenFile, Fields, Parsed
from sensor_pipeline.tables import write_table

WORTH_A_PROCESS: Final = 32 << 20
"""Bytes of files from which on the machine's cores share them."""
MOST_MALFORMED: Final = 1000
"""Rows of a file that are kept to be looked at; the file has them all."""
_THREADS: Final = "POLARS_MAX_THREADS"


@dataclass
class Counts:
    """What came of files, for people."""

    files: int = 0
    readings: int = 0
    late: int = 0
    early: int = 0
    outside: int = 0
    malformed: int = 0
    broken: list[str] = field(default_factory=list)
    """A line for each file that could not be read."""

    @property
    def metadata(self) -> dict[str, int | str]:
        """What the UI shows of them, whatever read the files."""
        return {
            "files": self.files,
            "of_no_hour": self.outside,
            "malformed": self.malformed,
            "broken_files": "\n".join(self.broken) or "none",
        }


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Reads files of the media store, and keeps in the ops store what is of other hours."""

    media: Store
    ops: Store
    fields: Fields
    folder: Path
    """For copies of files."""
    first: datetime
    until: datetime
    """Between which there are hours."""

    def read(
        self, files: Sequence[StoredObject], counts: Counts
    ) -> Iterator[tuple[StoredObject, pl.DataFrame]]:
        """The readings of each file that can be read; its malformed rows are kept aside.

        One that is broken, or gone by now, costs itself and a line of `counts`.
        """
        with _readers(files) as run:
            waiting = []
            for number, file in enumerate(files):
                path = self.folder / f"{number:06}"
                try:
                    self.media.download(file.name, path, etag=file.etag)
                except (ObjectNotFound, Superseded) as error:
                    counts.broken.append(f"{file.name}: {error}: it is read when it is found again")
                    continue
                waiting.append((file, run(path, file.name, self.fields)))
            for file, outcome in waiting:
                found = outcome()
                counts.files += 1
                if isinstance(found, str):
                    counts.broken.append(f"{file.name}: {found}")
                    continue
                counts.readings += len(found.rows)
                counts.malformed += len(found.malformed)
                self._keep_malformed(file, found.malformed)
                yield file, found.rows

    def put_aside(
        self,
        file: StoredObject,
        rows: pl.DataFrame,
        counts: Counts,
        *,
        arrived: datetime | None = None,
    ) -> list[str]:
        """Keep readings for the hours that they are of; returns the names of the objects."""
        placed = []
        for (of,), found in rows.group_by(pl.col("time").dt.truncate("1h"), maintain_order=True):
            assert isinstance(of, datetime)
            if not self.first <= of < self.until:
                counts.outside += len(found)
                self._write(outside(file.name), found)
                continue
            if arrived is not None and of < arrived:
                counts.late += len(found)
            elif arrived is not None:
                counts.early += len(found)
            name = f"{Hour(key_of(of)).aside}/{part(file.name)}"
            self._write(name, found)
            placed.append(name)
        return placed

    def sort(self, file: StoredObject, counts: Counts) -> None:
        """Put the readings of a file that does not say when it arrived into their hours."""
        mark = sorted_mark(file.name, file.etag)
        placed: list[str] = []
        for _, rows in self.read([file], counts):
            placed = self.put_aside(file, rows, counts)
        # What another version of the file had for hours that this one knows nothing of.
        for before in self.ops.list(mark.rpartition("/")[0]):
            for name in set(json.loads(self.ops.read(before.name))["parts"]) - set(placed):
                self.ops.delete(name)
            if before.name != mark:
                self.ops.delete(before.name)
        self.ops.write(mark, json.dumps({"file": file.name, "parts": placed}).encode())

    def _write(self, name: str, rows: pl.DataFrame) -> None:
        write_table(self.ops, name, rows)

    def _keep_malformed(self, file: StoredObject, texts: Sequence[str]) -> None:
        if texts:
            kept = {
                "file": file.name,
                "malformed": len(texts),
                "rows": [text[:10_000] for text in texts[:MOST_MALFORMED]],
            }
            self.ops.write(malformed(file.name), json.dumps(kept, indent=1).encode())


def split(rows: pl.DataFrame, hour: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The readings of an hour, and the others."""
    inside = pl.col("time").is_between(hour, hour + HOUR, closed="left")
    return rows.filter(inside), rows.filter(~inside)


def _outcome(path: Path, name: str, fields: Fields) -> Parsed | str:
    """The readings of a file, or why there are none; its copy is removed."""
    try:
        return read_file(path, name, fields)
    except BrokenFile as error:
        return str(error)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _readers(files: Sequence[StoredObject]) -> Iterator[Any]:
    """What reads a file and is asked for the outcome later: in other processes, if worth it."""
    if len(files) < 2 or processors() < 2 or sum(file.size for file in files) < WORTH_A_PROCESS:
        yield lambda *file: lambda: _outcome(*file)
        return
    # A child reads it before polars begins: each has a core of its own.
    given = os.environ.get(_THREADS)
    os.environ[_THREADS] = given or "1"
    try:
        # A copy of a process with threads, as this one is, may never wake up.
        spawn = multiprocessing.get_context("spawn")
        # Events are millions of small objects and no circles: looking for some takes a tenth.
        with ProcessPoolExecutor(
            min(processors(), len(files)), mp_context=spawn, initializer=gc.disable
        ) as pool:
            try:
                yield lambda *file: pool.submit(_outcome, *file).result
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        if given is None:
            del os.environ[_THREADS]
