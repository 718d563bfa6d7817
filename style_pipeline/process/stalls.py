"""Work that stands still, and would keep its GPU until somebody notices."""

import faulthandler
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

STALL_SECONDS: Final = 900
"""Many times what a frame of 8K or a step of a training takes on a CPU."""
_STDERR: Final = 2


@contextmanager
def ended_when_stalled(seconds: float = STALL_SECONDS) -> Iterator[Callable[[], None]]:
    """End this process if nothing goes on in the block for so long; call what it yields whenever
    something does.

    The stacks of all threads are printed then, also where one of them holds the interpreter's lock
    for ever. To Dagster the run is one whose process was lost: it is started again.
    """

    def going_on() -> None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=_STDERR)

    going_on()
    try:
        yield going_on
    finally:
        faulthandler.cancel_dump_traceback_later()
