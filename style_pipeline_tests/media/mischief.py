"""What a video may make of the process that decodes it."""

import ctypes
import os
import resource
import signal
import time
from pathlib import Path

from style_pipeline.media.indexing import index_frames


def fail(path: Path) -> None:
    raise RuntimeError("a mistake")


def crash(path: Path) -> None:
    ctypes.string_at(0)


def killed(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hoard(path: Path) -> None:
    bytearray(9 << 30)


def index_with_little_memory(path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (768 << 20, hard))
    index_frames(path)


def write_a_lot(path: Path) -> None:
    path.write_bytes(b"much")


def spin(path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    while True:
        pass


def hang(path: Path) -> None:
    time.sleep(600)


def secrets(path: Path) -> dict[str, str]:
    return dict(os.environ)
