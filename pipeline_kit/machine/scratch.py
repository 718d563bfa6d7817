"""Folders for work in between: none outlives its process for long."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

PREFIX: Final = "pipeline-scratch-"
LOCK: Final = ".pipeline.lock"


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed at the end; where the process is killed, when another one begins.

    It has a file that is locked while the process lives: the kernel gives it up, however it ends.
    """
    for left in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            _remove_if_nobodys(left)
    with TemporaryDirectory(prefix=PREFIX) as name:
        unlocked = Path(name, f"{LOCK}.new")
        with unlocked.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            unlocked.rename(Path(name, LOCK))  # Nobody finds it before it is locked.
            yield Path(name)


def _remove_if_nobodys(folder: Path) -> None:
    """Raises `OSError` where somebody works in it, or has only begun to."""
    if folder.lstat().st_uid != os.geteuid():
        return  # Others may put anything into a folder that all share.
    with (folder / LOCK).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        rmtree(folder, ignore_errors=True)
