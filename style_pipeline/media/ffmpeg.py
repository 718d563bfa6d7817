"""Run one ffmpeg command on media that nobody vouches for."""

import subprocess
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from style_pipeline.media.source import LIMITS, UnreadableVideo

TIMEOUT_SECONDS = 3600


def open_input(path: Path, **options: Any) -> Any:
    """An ffmpeg-python input with the limits that hold for every file."""
    return ffmpeg.input(str(path), err_detect="explode", **LIMITS, **options)


def write_output(streams: list[Any], path: Path, **options: Any) -> None:
    """Run ffmpeg to write `streams` to `path`.

    The binary is imageio-ffmpeg's, or what `IMAGEIO_FFMPEG_EXE` names. Raises `UnreadableVideo`
    with ffmpeg's last words where it fails.
    """
    output = ffmpeg.output(*streams, str(path), **options)
    command = output.global_args("-nostdin", "-hide_banner", "-loglevel", "error", "-xerror")
    done = subprocess.run(
        ffmpeg.compile(command, cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT_SECONDS,
    )
    if done.returncode:
        last_words = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise UnreadableVideo(f"ffmpeg could not write {path.name}: {last_words[0]}")
