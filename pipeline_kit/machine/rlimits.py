"""Limits that the kernel holds a process to."""

import resource
import sys


def limit_process(pid: int = 0, *, address_space: int, cpu_seconds: int, file_bytes: int) -> None:
    """Let a process (this one by default) take no more than these limits; Linux only.

    `address_space` is in bytes; `file_bytes` is the most that it may write into any one file.
    No limit is raised.
    """
    if sys.platform == "linux":
        for kind, most in (
            (resource.RLIMIT_AS, address_space),
            (resource.RLIMIT_CPU, cpu_seconds),
            (resource.RLIMIT_FSIZE, file_bytes),
            (resource.RLIMIT_CORE, 0),
        ):
            _, hard = resource.prlimit(pid, kind)
            limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
            # A process that comes to the hard limit of its CPU time is killed without a reason.
            resource.prlimit(pid, kind, (limit, hard))
