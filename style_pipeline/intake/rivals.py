"""Videos whose films would have one name: who was first keeps it."""

from collections.abc import Callable, Collection, Iterable

from pipeline_kit.orchestration.ledger import fingerprint
from pipeline_kit.orchestration.names import extension
from style_pipeline.intake.names import EXTENSIONS, video_key
from style_pipeline.object_names import Video


def rivals(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each video whose film may have the name of another's, those others."""
    by_film: dict[str, set[str]] = {}
    for name in names:
        if extension(name) in EXTENSIONS:
            for film in Video(video_key(name)).films:
                by_film.setdefault(film, set()).add(name)
    found: dict[str, frozenset[str]] = {}
    for same in by_film.values():
        if len(same) > 1:
            for name in same:
                found[name] = found.get(name, frozenset()) | (same - {name})
    return found


def same_film(name: str, rivals: Collection[str], holds: Callable[[str], bool]) -> str | None:
    """Why a video cannot be started beside another, or None where it can.

    The film of `clip.mov` is `clip.mov.mp4`, as that of `clip.mov.mp4` would be, and that of
    `clip.MP4` is `clip.mp4`. Who was first keeps the name; of those that come at once, the shorter.
    """

    def turn(other: str) -> tuple[bool, int, str]:
        return (not holds(other), len(other), other)

    if not rivals:
        return None
    first = min(rivals, key=turn)
    if turn(name) < turn(first):
        return None
    return f"its film would have the name of that of {first}: rename one of the two"


def holds_name(name: str) -> bytes:
    """Entry of the ledger: the video has its film's name."""
    return fingerprint(name, "holds its film's name")
