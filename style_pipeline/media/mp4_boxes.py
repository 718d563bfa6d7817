"""The boxes that an MP4 file or its like is made of, one after another."""

import struct
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO, NamedTuple


class Box(NamedTuple):
    """One of them; what a broken file says of itself may be impossible."""

    kind: bytes
    at: int
    size: int
    """Bytes, its header included: 8 at least."""


def boxes(file: BinaryIO) -> Iterator[Box]:
    """Those of a file from its beginning, as far as it goes or they are possible."""
    end = file.seek(0, 2)
    at, size = 0, 8
    while size >= 8 and at < end:
        file.seek(at)
        if len(head := file.read(16)) < 16:
            return
        size, kind, large = struct.unpack(">I4sQ", head)
        size = {0: end - at, 1: large}.get(size, size)
        yield Box(kind, at, size)
        at += size


def has_lost_fragments(path: Path) -> bool:
    """Whether there are fragments of pictures that no box leads to.

    FFmpeg reads such a file as if it ended at the box that is damaged. One that ends within a
    fragment, as a recorder leaves it that was switched off, has lost none.
    """
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        found = list(boxes(file))
        if b"moof" not in {box.kind for box in found}:
            return False
        last = found[-1]
        known = last.at if last.size < 8 or not last.kind.isalnum() else last.at + last.size
        return data.find(b"moof", known) >= 0
