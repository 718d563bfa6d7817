"""How much of anything a file that nobody vouches for may ask for."""

import signal

from pipeline_kit.machine.cgroup import memory_limit
from pipeline_kit.machine.rlimits import limit_process

MAX_PIXELS = 8192 * 8192
MAX_STREAMS = 64
MAX_FRAMES = 5_000_000
MAX_HOURS = 24
MAX_STILL_SECONDS = 3600
"""Between one frame and the next."""

MEMORY = 8 << 30
"""Bytes of address space of a process that reads such a file, where there are so many to spare."""
WALL_SECONDS = 6 * 3600
STALL_SECONDS = 120
"""Without a sign of progress."""
CPU_SECONDS = 48 * 3600

# A protocol list alone still lets a playlist that calls itself .mp4 read other local files.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,gif,asf,ogg,mxf,h264,hevc,mpegvideo"
)
OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": DEMUXERS,
    # Where FFmpeg gives up without saying why; from MAX_STREAMS on we do.
    "max_streams": "1000",
    # Of the decoders by which FFmpeg finds out what a track holds.
    "max_pixels": str(MAX_PIXELS),
}
"""What FFmpeg is told wherever it opens such a file."""


def memory() -> int:
    """Bytes of address space of a process that reads such a file here.

    They are fewer than this process may use: whatever takes more is killed, the pod with it, which
    looks like a lost node and is tried again.
    """
    return min(MEMORY, memory_limit() * 3 // 4)


def restrain(pid: int = 0, *, file_bytes: int) -> None:
    """Let a process (this one by default) take no more than these limits; Linux only.

    `file_bytes` is the most that it may write into any one file.
    """
    limit_process(pid, address_space=memory(), cpu_seconds=CPU_SECONDS, file_bytes=file_bytes)


def was_ended(status: int) -> bool:
    """Whether someone ended a process with this exit status, and not its own fault or a limit."""
    return -status in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
