"""Run one ffmpeg command on media that nobody vouches for."""

import errno
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from pipeline_kit.errors import TransientError
from style_pipeline.media.limits import OPEN_OPTIONS, restrain
from style_pipeline.media.source import UnreadableVideo

TIMEOUT_SECONDS = 3600
_HEADERS = 64 << 20  # bytes that a container may add to what it holds


class FFmpegInterrupted(TransientError):
    """FFmpeg did not fail by its own word: it may do better another time, or in more room."""


def open_input(path: Path, **options: Any) -> Any:
    """An ffmpeg-python input with the limits that hold for every file."""
    return ffmpeg.input(str(path), err_detect="explode", **OPEN_OPTIONS, **options)


def write_copy(streams: list[Any], path: Path, *, of: Sequence[Path], **options: Any) -> None:
    """Run ffmpeg to write `streams`, copied out of the files `of`, to `path`.

    The binary is imageio-ffmpeg's, or what `IMAGEIO_FFMPEG_EXE` names. Raises `UnreadableVideo`
    with ffmpeg's last words where it fails, and `FFmpegInterrupted` where it was killed, took too
    long or found no room.
    """
    output = ffmpeg.output(*streams, str(path), c="copy", **options)
    command = output.global_args("-nostdin", "-hide_banner", "-loglevel", "error", "-xerror")
    with subprocess.Popen(
        ffmpeg.compile(command, cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True),
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        with suppress(ProcessLookupError):
            # From here, and not in the new process: Python code between fork and exec may hang.
            restrain(process.pid, file_bytes=2 * sum(p.stat().st_size for p in of) + _HEADERS)
        try:
            _, said = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            raise FFmpegInterrupted(
                f"ffmpeg was still writing {path.name} after {TIMEOUT_SECONDS} s"
            ) from None
        finally:
            process.kill()
    if process.returncode:
        last_words = (said.strip().splitlines() or ["no message"])[-1]
        full = os.strerror(errno.ENOSPC) in said
        kind = FFmpegInterrupted if full or was_ended(process.returncode) else UnreadableVideo
        raise kind(f"ffmpeg could not write {path.name} (exit {process.returncode}): {last_words}")


def was_ended(status: int) -> bool:
    """Whether someone ended the process, and not its own fault or a limit."""
    return -status in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
