"""What this process may use of the machine: memory and processors, by its cgroups."""

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Final

ROOT: Final = Path("/")


def memory_limit(root: Path = ROOT) -> int:
    """Bytes that this process may use: the least of its cgroups' limits (version 1 or 2) and the
    machine's memory. `root` is the folder that holds proc and sys.
    """
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for folder, version in _groups(root, "memory"):
        file = folder / ("memory.max" if version == 2 else "memory.limit_in_bytes")
        with suppress(OSError, ValueError):  # not there, or "max"
            limits.append(int(file.read_text()))
    return min(limits)


def processors(root: Path = ROOT) -> int:
    """Processors that this process may keep busy: the least of its cgroups' quotas (version 1 or
    2), rounded up, and the processors that it may run on.

    Libraries that count processors see those of the machine, however small the container.
    """
    affinity = getattr(os, "sched_getaffinity", None)  # which Linux has
    quotas = [float(len(affinity(0)) if affinity else os.cpu_count() or 1)]
    for folder, version in _groups(root, "cpu"):
        with suppress(OSError, ValueError):  # not there, or "max"
            if version == 2:
                quota, period = map(int, (folder / "cpu.max").read_text().split())
            else:
                quota, period = (
                    int((folder / f"cpu.cfs_{name}_us").read_text()) for name in ("quota", "period")
                )
            if quota > 0:  # -1 is none
                quotas.append(quota / period)
    return ceil(min(quotas))


def threads() -> int:
    """With which to compute: as many as `processors`, or fewer where OMP_NUM_THREADS says so.

    It may name one number for each level of nesting, of which the first counts.
    """
    with suppress(KeyError, ValueError):
        return max(1, min(processors(), int(os.environ["OMP_NUM_THREADS"].partition(",")[0])))
    return processors()


def _groups(root: Path, controller: str) -> Iterator[tuple[Path, int]]:
    """Folders of this process's group and those around it, each with the version of its kind.

    Containers usually see their own group as the topmost, whatever path the kernel gives it.
    """
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            number, controllers, group = line.split(":", 2)
            if number == "0":
                top, version = root / "sys/fs/cgroup", 2
            elif controller in controllers.split(","):
                top, version = root / "sys/fs/cgroup" / controller, 1
            else:
                continue
            inner = top / group.lstrip("/")
            for folder in (inner, *inner.parents):
                if folder.is_relative_to(top):
                    yield folder, version
