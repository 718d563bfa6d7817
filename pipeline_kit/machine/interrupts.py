"""Signals that end a process."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let the signals that end a process take effect when the block is left, and not before.

    Dagster has them raise an exception wherever the main thread is. Within an import it may never
    be seen: much of what runs there, in Python and in libraries, takes any exception to mean
    that something is not installed. The step would go on as if there had been no signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals are none of its business.
        return
    received: list[int] = []
    try:
        with ExitStack() as put_back:
            for number in ENDING:
                handler = signal.signal(number, lambda number, frame: received.append(number))
                put_back.callback(signal.signal, number, handler)
            yield
    finally:
        if received:
            signal.raise_signal(received[0])
