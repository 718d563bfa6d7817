"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(
    what: str,
    poll: Callable[[], T],
    *,
    seconds: float = 240,
    every: float = 0.3,
    there_is: Callable[[], object] | None = None,
) -> T:
    """Poll until there is something, and return it; else tell what there is instead."""
    until = time.monotonic() + seconds
    while not (seen := poll()):
        if time.monotonic() > until:
            instead = there_is() if there_is else seen
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}: saw {instead!r}")
        time.sleep(every)
    return seen
