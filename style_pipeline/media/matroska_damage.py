"""Where a Matroska file is damaged between its packets."""

from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from style_pipeline.media.source import open_video, packets

_EBML: Final = b"\x1a\x45\xdf\xa3"
"""How Matroska files begin."""
_SKIPPED: Final = "invalid as first byte of an EBML number"


def holes(path: Path) -> list[Fraction]:
    """Seconds at which a Matroska file goes on after something that is none of its elements.

    FFmpeg looks for the next cluster then, and tells nobody but its log. Nothing is decoded.
    """
    found: list[Fraction] = []
    with path.open("rb") as file:
        if file.read(len(_EBML)) != _EBML:
            return found
    level = av.logging.get_level()
    with open_video(path) as (container, _):
        av.logging.set_level(av.logging.ERROR)
        try:
            with av.logging.Capture() as said:
                for packet in packets(container):
                    if packet.pts is None or not said:
                        continue
                    if any(_SKIPPED in message for _, _, message in said):
                        found.append(packet.pts * packet.time_base)
                    said.clear()
        finally:
            av.logging.set_level(level)
    return found
