"""The boxes that an MP4 file or its like is made of, one after another."""

import struct
from collections.abc import Iterator
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
