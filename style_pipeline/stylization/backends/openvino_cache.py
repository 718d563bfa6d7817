"""Where compiled networks are kept for later processes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

FOLDER: Final = "style_pipeline/openvino"
MOST_BYTES: Final = 256 << 20
"""That stay; a network of one size takes 3 MB, or 7 MB with the reference architecture."""


@contextmanager
def compile_cache() -> Iterator[dict[str, str]]:
    """Settings with which OpenVINO compiles once what it is asked for again; none where nothing can
    be written, as in containers that are read-only.

    One process at a time is let in: OpenVINO maps into memory what another is still writing, and
    is killed for it (SIGBUS).
    """
    settings: dict[str, str] = {}
    with ExitStack() as stack:
        with suppress(OSError, RuntimeError):  # the latter where there is no home
            folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", FOLDER)
            folder.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((folder / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
            settings = {"CACHE_DIR": str(folder)}
        yield settings
        if settings:
            with suppress(OSError):
                forget_oldest(folder)


def forget_oldest(folder: Path) -> None:
    """Remove what was used longest ago, where there is more than `MOST_BYTES`.

    File systems note the time of use once a day or so.
    """
    kept = 0
    files = {path: path.stat() for path in folder.glob("*.blob")}
    for path in sorted(files, key=lambda path: files[path].st_atime, reverse=True):
        kept += files[path].st_size
        if kept > MOST_BYTES:
            path.unlink()
