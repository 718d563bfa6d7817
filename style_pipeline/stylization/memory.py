"""How much memory there is for stylizing, and how it is used again."""

import ctypes
from contextlib import suppress
from typing import Final

from pipeline_kit.machine.cgroup import memory_limit

SHARE: Final = 0.5
"""Of the memory there is; the rest is for decoders, encoders, torch, and a second chunk."""
NO_MEMORY: Final = ("can't allocate memory", "bad_alloc", "bad allocation", "out of memory")
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def memory_budget() -> int:
    """Bytes that stylizing may take on CPUs: a share of all that there is."""
    return int(memory_limit() * SHARE)


def keep_freed_memory() -> None:
    """Ask glibc to keep what layers free for the next ones.

    It hands large blocks back to the kernel, which clears them each time they are taken again:
    a fifth of the time of a 720p picture, and more on busy machines.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory ran out, in whatever library."""
    # torch's own type for it is one of RuntimeError; its CPU part, oneDNN and OpenVINO have none.
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in NO_MEMORY)
    )
