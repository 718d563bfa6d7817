"""Signals by which a process is told to end."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

TOLD_TO_END = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let the signals that end a process take effect when the block is left, and not before.

    Dagster has them raise an exception wherever the main thread is. Within an import it may never
    be seen: much of what runs there, in Python and in libraries, takes any exception for a sign
    that something is not installed. The step would go on as if nobody had told it to end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals are none of its business.
        return
    told: list[int] = []
    try:
        with ExitStack() as put_back:
            for number in TOLD_TO_END:
                handler = signal.signal(number, lambda number, frame: told.append(number))
                put_back.callback(signal.signal, number, handler)
            yield
    finally:
        if told:
            signal.raise_signal(told[0])
