"""What happens to files and processes while something else runs."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from watchdog.events import FileOpenedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


@contextmanager
def openings(folder: Path) -> Iterator[list[str]]:
    """The names of files in a folder, each time that anybody opens one, by whatever path."""
    opened: list[str] = []

    class Note(FileSystemEventHandler):
        def on_opened(self, event: FileSystemEvent) -> None:
            opened.append(Path(str(event.src_path)).name)

    observer = Observer()
    observer.schedule(Note(), str(folder), event_filter=[FileOpenedEvent])
    observer.start()
    try:
        yield opened
    finally:
        observer.stop()
        observer.join()


@contextmanager
def most(measure: Callable[[], int]) -> Iterator[Callable[[], int]]:
    """Measure all the time; returns what tells the most that there was so far."""
    found, ended = [0], Event()

    def look() -> None:
        while not ended.is_set():
            found[0] = max(found[0], measure())
            time.sleep(0.1)

    thread = Thread(target=look)
    thread.start()
    try:
        yield lambda: found[0]
    finally:
        ended.set()
        thread.join()


def bytes_in(folder: Path) -> int:
    """What the files below a folder take, which may come and go meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def readers_peak() -> int:
    """The most bytes of memory that any running process has had that reads a video apart."""
    peak = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"style_pipeline.media.sandbox" in (process / "cmdline").read_bytes():
                peak = max(peak, peak_memory(process))
    return peak


def peak_memory(process: Path) -> int:
    """Bytes that a process (its folder in /proc) had in memory at most.

    Not `ru_maxrss`, which begins with what the process had that started this one.
    """
    found = re.search(r"VmHWM:\s*(\d+) kB", (process / "status").read_text())
    return int(found[1]) << 10 if found else 0
