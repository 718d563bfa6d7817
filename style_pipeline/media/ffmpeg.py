"""Run one ffmpeg command on media that nobody vouches for."""

import errno
import os
import subprocess
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from style_pipeline.media.source import LIMITS, UnreadableVideo

TIMEOUT_SECONDS = 3600


class FFmpegInterrupted(RuntimeError):
    """ffmpeg did not fail by its own word: it may do better another time, or in more room."""


def open_input(path: Path, **options: Any) -> Any:
    """An ffmpeg-python input with the limits that hold for every file."""
    return ffmpeg.input(str(path), err_detect="explode", **LIMITS, **options)


def write_output(streams: list[Any], path: Path, **options: Any) -> None:
    """Run ffmpeg to write `streams` to `path`.

    The binary is imageio-ffmpeg's, or what `IMAGEIO_FFMPEG_EXE` names. Raises `UnreadableVideo`
    with ffmpeg's last words where it fails, and `FFmpegInterrupted` where it was killed, took too
    long or found no room.
    """
    output = ffmpeg.output(*streams, str(path), **options)
    command = output.global_args("-nostdin", "-hide_banner", "-loglevel", "error", "-xerror")
    try:
        done = subprocess.run(
            ffmpeg.compile(command, cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise FFmpegInterrupted(
            f"ffmpeg was still writing {path.name} after {TIMEOUT_SECONDS} s"
        ) from None
    if done.returncode:
        last_words = (done.stderr.strip().splitlines() or ["no message"])[-1]
        interrupted = done.returncode < 0 or os.strerror(errno.ENOSPC) in done.stderr
        kind = FFmpegInterrupted if interrupted else UnreadableVideo
        raise kind(f"ffmpeg could not write {path.name} (exit {done.returncode}): {last_words}")
