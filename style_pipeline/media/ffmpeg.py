"""Run one ffmpeg command on media that nobody vouches for."""

import errno
import os
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from style_pipeline.media.limits import OPEN_OPTIONS, restrain, was_ended
from style_pipeline.media.source import FFmpegInterrupted, UnreadableVideo

TIMEOUT_SECONDS = 3600
_HEADERS = 64 << 20  # bytes that a container may add to what it holds
_ONCE_TOLD = ("sh", "-c", 'read go; exec "$@"', "sh")
"""Before a command: it begins after a line on its standard input."""


def open_input(path: Path, **options: Any) -> Any:
    """An ffmpeg-python input with the limits that hold for every file."""
    return ffmpeg.input(str(path), err_detect="explode", **OPEN_OPTIONS, **options)


def write_copy(
    streams: list[Any], path: Path, *, of: Sequence[Path], strict: bool = True, **options: Any
) -> None:
    """Run ffmpeg to write `streams`, copied out of the files `of`, to `path`.

    Unless it is `strict`, damaged packets are passed over. The binary is imageio-ffmpeg's, or what
    `IMAGEIO_FFMPEG_EXE` names. Raises `UnreadableVideo` with what ffmpeg says where it fails, and
    `FFmpegInterrupted` where it was killed, took too long or found no room.
    """
    output = ffmpeg.output(*streams, str(path), c="copy", **options)
    command = output.global_args("-nostdin", "-hide_banner", "-loglevel", "error")
    command = command.global_args("-xerror") if strict else command
    ready = ffmpeg.compile(command, cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True)
    with subprocess.Popen(
        [*_ONCE_TOLD, *ready],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        with suppress(ProcessLookupError):
            # From here, and not in the new process: Python code between fork and exec may hang. It
            # waits meanwhile, as what is written before would have no limit.
            restrain(process.pid, file_bytes=2 * sum(p.stat().st_size for p in of) + _HEADERS)
        try:
            _, said = process.communicate("\n", timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            raise FFmpegInterrupted(
                f"ffmpeg was still writing {path.name} after {TIMEOUT_SECONDS} s"
            ) from None
        finally:
            process.kill()
    if process.returncode:
        full = os.strerror(errno.ENOSPC) in said
        kind = FFmpegInterrupted if full or was_ended(process.returncode) else UnreadableVideo
        raise kind(
            f"ffmpeg could not write {path.name} (exit {process.returncode}): {_cause(said)}"
        )


def _cause(said: str) -> str:
    """The cause stands first, and the last line says what did not come about because of it."""
    # Of who says it, as in `[mp4 @ 0x5559]`, there is nothing to be learned.
    lines = [re.sub(r"^(\[[^]]*\] *)+", "", line) for line in said.strip().splitlines()]
    told = [line for line in lines if line and not line.startswith("Last message repeated")]
    ends = dict.fromkeys((told[0], told[-1])) if told else ["no message"]
    return "; ".join(ends)
