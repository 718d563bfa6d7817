"""A watchdog for stalled work, which would keep its GPU until somebody notices."""

import faulthandler
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

STALL_SECONDS: Final = 900
"""Many times what one step of any work here takes on a CPU."""
_STDERR: Final = 2


@contextmanager
def ended_when_stalled(seconds: float = STALL_SECONDS) -> Iterator[Callable[[], None]]:
    """End this process if the block stalls for that many seconds: call what it yields, the
    heartbeat, whenever something was done.

    The stacks of all threads are printed then, also where one of them holds the interpreter's lock
    for ever. To Dagster the run is one whose process was lost: it is started again.
    """

    def heartbeat() -> None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=_STDERR)

    heartbeat()
    try:
        yield heartbeat
    finally:
        faulthandler.cancel_dump_traceback_later()
