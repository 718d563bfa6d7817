"""Time of the processors, shared among all that runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THREADS = Path("/proc/self/task")


@contextmanager
def scheduling_kept() -> Iterator[None]:
    """Whatever a library does within the block, threads are scheduled as the caller's was before.

    SVT-AV1, where it may (as root), gives its threads and the one that opens it the highest
    real-time priority, which every process started later inherits: two of them that were busy
    stopped all else on a machine of two cores. Does nothing where there is no ``/proc``.
    """
    if not _THREADS.exists():
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in _THREADS.iterdir():
            with suppress(ProcessLookupError):  # it ended meanwhile
                if os.sched_getscheduler(int(thread.name)) in (os.SCHED_FIFO, os.SCHED_RR):
                    os.sched_setscheduler(int(thread.name), policy, parameters)
