"""Tags and chapters of a file as a whole."""

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

from style_pipeline.media.source import open_video
from style_pipeline.media.time_codes import later
from style_pipeline.media.track_plan import TrackPlan

# What FFmpeg writes into MP4 by boxes of its own, or of its own accord; it drops all others.
_OF_MP4: Final = frozenset(
    {
        *("title", "artist", "album_artist", "album", "composer", "performer", "comment", "author"),
        *("description", "synopsis", "date", "year", "genre", "copyright", "grouping", "lyrics"),
        *("show", "episode_id", "network", "track", "disc", "keywords", "rating", "make", "model"),
        *("location", "encoder", "creation_time", "timecode", "duration", "language"),
    }
)
OF_CONTAINER: Final = ("major_brand", "minor_version", "compatible_brands")
"""Of the source's, and no others'."""


def read_tags(source: Path, *, skipped: Fraction = Fraction(0)) -> dict[str, str]:
    """Of a file as a whole, names as they are written there, with the time code of its pictures,
    which is later where seconds are ``skipped``."""
    with open_video(source) as (container, stream):
        tags, code = dict(container.metadata), stream.metadata.get("timecode")
        tags |= {"timecode": code} if code else {}
        if skipped and "timecode" in tags:
            rate = Fraction(stream.average_rate or 25)
            tags["timecode"] = later(tags["timecode"], skipped, rate=rate)
        return tags


def custom(tags: Mapping[str, str]) -> bool:
    """Whether there are any that MP4 holds only as QuickTime's own kind, such as those of Apple."""
    return any(name.lower().partition("-")[0] not in {*_OF_MP4, *OF_CONTAINER} for name in tags)


def chapters_file(source: Path, plan: TrackPlan, *, end: Fraction, folder: Path) -> Path | None:
    """Chapters on the film's clock, as FFmpeg reads them, if any of them begins before the film or
    ends after it.

    Players take a film to be as long as its chapters are.
    """
    with open_video(source) as (container, _):
        chapters = [
            (
                chapter["start"] * chapter["time_base"] - plan.start,
                chapter["end"] * chapter["time_base"] - plan.start,
                str(chapter["metadata"].get("title", "")),
            )
            for chapter in container.chapters()
            if chapter["time_base"] is not None
        ]
    if all(start >= 0 and stop <= end for start, stop, _ in chapters):
        return None
    lines = [";FFMETADATA1"]
    for start, stop, title in chapters:
        if start < end and stop > 0:
            lines += ["[CHAPTER]", "TIMEBASE=1/1000000"]
            lines += [f"START={_micro(max(start, Fraction(0)))}", f"END={_micro(min(stop, end))}"]
            lines += [f"title={_escaped(title)}"] if title else []
    path = folder / "chapters.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def _micro(seconds: Fraction) -> int:
    return round(seconds * 1_000_000)


def _escaped(text: str) -> str:
    return re.sub(r"([=;#\\\n])", r"\\\1", text)
