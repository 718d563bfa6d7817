"""How much memory there is for painting, and how it is used again."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import torch

SHARE: Final = 0.5
"""Of the memory there is; the rest is for decoders, encoders, torch, and a second chunk."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def painting_budget(device: torch.device) -> int:
    """Bytes that painting one picture may take on a device: a share of all that it has."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory * SHARE)
    return int(memory_limit() * SHARE)


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes that this process may use: the least of its cgroups' limits (version 1 or 2) and the
    machine's memory. `root` is the folder that holds proc and sys.
    """
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _limit_files(root):
        with suppress(OSError, ValueError):  # not there, or "max"
            limits.append(int(file.read_text()))
    return min(limits)


def _limit_files(root: Path) -> Iterator[Path]:
    """Where the limits of this process's group, and of those around it, may be written.

    Containers usually see their own group as the topmost, whatever path the kernel gives it.
    """
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            number, controllers, group = line.split(":", 2)
            if number == "0":
                top, name = root / "sys/fs/cgroup", "memory.max"
            elif "memory" in controllers.split(","):
                top, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
            else:
                continue
            inner = top / group.lstrip("/")
            yield from (
                folder / name for folder in (inner, *inner.parents) if folder.is_relative_to(top)
            )


def keep_freed_memory() -> None:
    """Ask glibc to keep what layers free for the next ones.

    It hands large blocks back to the kernel, which clears them each time they are taken again:
    a fifth of the time of a 720p picture, and more on busy machines.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)
