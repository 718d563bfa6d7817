"""Read a video in a process of its own, which takes no more than it may and is told no secrets."""

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from style_pipeline.media.limits import (
    STALL_SECONDS,
    WALL_SECONDS,
    memory,
    restrain,
    was_ended,
)
from style_pipeline.media.source import FFmpegInterrupted, UnreadableVideo

P = ParamSpec("P")
T = TypeVar("T")
OnProgress = Callable[[int, int], None]

SECONDS_BETWEEN_MESSAGES = 0.5
_KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR", "OMP_NUM_THREADS")
"""Variables of the environment; others may be tokens of the stores."""
# Else they reserve address space by the gibibyte, which counts as memory.
_THRIFTY = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1"}


def sandboxed(
    function: Callable[Concatenate[Path, P], T], path: Path, /, *args: P.args, **options: P.kwargs
) -> T:
    """What `function(path, ...)` returns or raises.

    An option `on_progress` is called in this process, twice a second at most. Raises
    `UnreadableVideo` also where the video crashes its decoder, asks for too much memory or takes
    too long, and `FFmpegInterrupted` where the process was killed from outside.
    """
    on_progress = cast("OnProgress | None", options.pop("on_progress", None))
    ours, theirs = Pipe()
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=_environment(),
        )
        theirs.close()
        try:
            ours.send((function, path, args, options, on_progress is not None))
            kind, value = _answer(ours, path, on_progress)
        except (EOFError, ConnectionError):
            raise _ended(path, process.wait()) from None
        finally:
            process.kill()
            process.wait()
    if kind == "raised":
        raise value
    return cast(T, value)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | _THRIFTY | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _answer(ours: Connection, path: Path, on_progress: OnProgress | None) -> tuple[str, Any]:
    until = time.monotonic() + WALL_SECONDS
    while ours.poll(min(STALL_SECONDS, max(0, until - time.monotonic()))):
        kind, value = ours.recv()
        if kind != "frame":
            return kind, value
        if on_progress:
            on_progress(*value)
    stalled = time.monotonic() < until
    raise UnreadableVideo(
        f"{path.name} was decoded for {STALL_SECONDS} s without another frame"
        if stalled
        else f"{path.name} takes more than {WALL_SECONDS / 3600:.0f} h to decode: cut it into parts"
    )


def _ended(path: Path, status: int) -> Exception:
    """A process that ended without an answer: killed by its own fault, or by someone's will."""
    if status < 0 and not was_ended(status):
        name = signal.Signals(-status).name
        return UnreadableVideo(f"{path.name} crashes its decoder ({name})")
    return FFmpegInterrupted(f"decoding {path.name} was ended from outside (status {status})")


class _Reporter:
    """Stands for `on_progress` in the process: passes on every so often how far it is."""

    def __init__(self, theirs: Connection) -> None:
        self.theirs = theirs
        self.reached: tuple[int, int] | None = None
        self.told = time.monotonic()

    def __call__(self, done: int, promised: int) -> None:
        self.reached = (done, promised)
        if time.monotonic() - self.told >= SECONDS_BETWEEN_MESSAGES:
            self.tell()

    def tell(self) -> None:
        if self.reached:
            self.theirs.send(("frame", self.reached))
        self.reached, self.told = None, time.monotonic()


def _work(theirs: Connection) -> None:
    function, path, args, options, reports = theirs.recv()
    reporter = _Reporter(theirs)
    watching: Mapping[str, _Reporter] = {"on_progress": reporter} if reports else {}
    restrain(file_bytes=0)
    try:
        answer = ("returned", function(path, *args, **options, **watching))
    except MemoryError:
        most = f"{memory() / (1 << 30):.2g} GiB"
        answer = ("raised", UnreadableVideo(f"{path.name} needs more than {most} of memory"))
    except Exception as error:
        if not isinstance(error, UnreadableVideo):
            error.add_note(traceback.format_exc())
        answer = ("raised", error)
    reporter.tell()
    theirs.send(answer)


if __name__ == "__main__":
    _work(Connection(int(sys.argv[1])))
