"""Which subtitles a film holds, and which go beside it as files that players load by themselves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from style_pipeline.media.containers import codecs_of
from style_pipeline.media.cut import Part
from style_pipeline.media.languages import two_letters
from style_pipeline.media.source import packets
from style_pipeline.media.track_plan import Sidecar, Track

# Decoders' names.
_TEXT = frozenset({"subrip", "srt", "webvtt", "text", "mov_text"})
_FILES = {
    **{"subrip": "srt", "srt": "srt", "text": "srt", "webvtt": "vtt"},
    **{"ass": "ass", "ssa": "ass", "pgssub": "sup", "dvdsub": "mks", "dvbsub": "mks"},
}
"""How a track is kept as a file; players take Matroska for those that are pictures."""
_PLACED = re.compile(rb"\{\\(an?|pos|move|clip|org|q)\d?|X1:\d", re.ASCII)


def share_out(
    tracks: Collection[Track], container: InputContainer, *, into: str
) -> tuple[tuple[Track, ...], tuple[Sidecar, ...]]:
    """The tracks that the film holds in its container, and those beside it.

    Matroska holds all that FFmpeg can put into it. MP4 holds text: cues one after another, in no
    place of their own and in no font.
    """
    if into == "matroska":
        held = [track for track in tracks if track.codec in _TEXT | codecs_of(into)]
    else:
        cues = _cues(container, {track.index for track in tracks if track.codec in _TEXT})
        held = [
            track
            for track in tracks
            if track.codec == "mov_text"
            or (track.codec in _TEXT and _is_plain(cues.get(track.index, ())))
        ]
    beside: dict[str, Sidecar] = {}
    for track in tracks:
        if track not in held and (suffix := _FILES.get(track.codec)):
            ending = _ending(track, suffix, beside)
            beside[ending] = Sidecar(track, ending)
    return tuple(held), tuple(beside.values())


def without_cues(container: InputContainer, indexes: Collection[int], part: Part) -> set[int]:
    """Of tracks of subtitles, those of which no cue begins in the part that is taken."""
    empty = set(indexes)
    for packet, start in _packets(container, indexes):
        if part.holds_frame(start * packet.time_base):
            empty.discard(packet.stream.index)
    return empty


def _packets(
    container: InputContainer, indexes: Collection[int]
) -> Iterator[tuple[Packet[Stream], int]]:
    """All of some tracks, with their PTS."""
    if not indexes:
        return
    container.seek(container.start_time or 0)
    for packet in packets(container, [container.streams[index] for index in indexes]):
        if packet.size and packet.pts is not None:
            yield packet, packet.pts


@dataclass(frozen=True)
class _Cue:
    start: int
    end: int
    has_place: bool


def _cues(container: InputContainer, indexes: Collection[int]) -> dict[int, list[_Cue]]:
    cues: dict[int, list[_Cue]] = {index: [] for index in indexes}
    for packet, start in _packets(container, indexes):
        cues[packet.stream.index].append(_cue(packet, start))
    return cues


def _cue(packet: Packet[Stream], start: int) -> _Cue:
    settings = packet.has_sidedata("webvtt_settings") or packet.has_sidedata("subtitle_position")
    return _Cue(
        start, start + (packet.duration or 0), settings or bool(_PLACED.search(bytes(packet)))
    )


def _is_plain(cues: Iterable[_Cue]) -> bool:
    in_turn = sorted(cues, key=lambda cue: cue.start)
    overlap = any(first.end > second.start for first, second in pairwise(in_turn))
    return not overlap and not any(cue.has_place for cue in in_turn)


def _ending(track: Track, suffix: str, taken: Collection[str]) -> str:
    language = two_letters(track.language)
    # It becomes a part of a file's name.
    code = language if re.fullmatch("[a-z]{2,3}", language) else "und"
    name = f"{code}.forced" if track.forced else code
    numbered = (f"{name}.{number}" for number in range(2, len(taken) + 3))
    return next(
        ending
        for ending in (f"{each}.{suffix}" for each in (name, *numbered))
        if ending not in taken
    )


def is_sidecar(name: str, *, film: str) -> bool:
    """Whether an object of that name lies beside the film of that name as `Sidecar` has it."""
    stem = re.escape(film.rpartition(".")[0])
    suffixes = "|".join({*_FILES.values()})
    return bool(re.fullmatch(rf"{stem}\.[a-z]{{2,3}}(\.forced)?(\.\d+)?\.({suffixes})", name))
