"""What a container says of a track as a whole: PyAV passes on what FFmpeg tells people of it."""

import re
from dataclasses import dataclass
from typing import Final

from av import logging
from av.container import InputContainer

NO_CROP: Final = (0, 0, 0, 0)

_STREAM = re.compile(r"Stream #\d+:(\d+)[^:]*(?:\[[^]]*\])?[^:]*: \w+: ([^\s,]+)(.*)")
_CROPPING = re.compile(r"Frame Cropping: (\d+)/(\d+)/(\d+)/(\d+)")
_SIDE_DATA = re.compile(r" {6,}([A-Z][\w -]*?)(?:: |$)")
_INTERLACED = {"top first": "tff", "bottom first": "bff"}
_INTERLACED |= {"top coded first (swapped)": "bff", "bottom coded first (swapped)": "tff"}


@dataclass(frozen=True)
class TrackFacts:
    """What a container says of one track."""

    codec: str
    """FFmpeg's name, also where there is no decoder."""
    crop: tuple[int, int, int, int] = NO_CROP
    """Pixels that players cut off: left, right, top, bottom."""
    fields: str = ""
    """Which field of an interlaced picture is the earlier one: `tff`, `bff`, or nothing."""
    side_data: tuple[str, ...] = ()
    """Names of all that there is beside it."""


def track_facts(container: InputContainer) -> dict[int, TrackFacts]:
    """What there is to know of each track, by its index."""
    found: dict[int, TrackFacts] = {}
    for index, codec, rest, lines in _tracks(_dump(container)):
        cut = next(filter(None, map(_CROPPING.search, lines)), None)
        found[index] = TrackFacts(
            codec=_codec(codec, rest),
            crop=tuple(map(int, cut.groups())) if cut else NO_CROP,  # type: ignore[arg-type]
            fields=next((way for words, way in _INTERLACED.items() if words in rest), ""),
            side_data=tuple(said[1] for said in map(_SIDE_DATA.match, lines) if said),
        )
    return found


def _codec(name: str, rest: str) -> str:
    """FFmpeg's name of a codec, or the tag by which the file calls one that it does not know."""
    tag = re.search(r"\((\w{3,4}) / 0x", rest)
    return tag[1] if name == "none" and tag else name


def _dump(container: InputContainer) -> str:
    before, repeated = logging.get_level(), logging.get_skip_repeated()
    logging.set_level(logging.INFO)
    logging.set_skip_repeated(False)
    try:
        return str(container.dumps_format())  # type: ignore[attr-defined]
    finally:
        logging.set_level(before)
        logging.set_skip_repeated(repeated)


def _tracks(dump: str) -> list[tuple[int, str, str, list[str]]]:
    """Index, codec, the rest of its line, and the lines of side data of each track."""
    found: list[tuple[int, str, str, list[str]]] = []
    below = False
    for line in dump.splitlines():
        if head := _STREAM.match(line.strip()):
            found.append((int(head[1]), head[2], head[3], []))
            below = False
        elif line.strip() in ("Metadata:", "Side data:"):
            below = line.strip() == "Side data:"
        elif found and below:
            found[-1][3].append(line)
    return found
