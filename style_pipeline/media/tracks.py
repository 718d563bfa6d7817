"""The tracks that go round the styling: audio, subtitles, chapters and tags."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from style_pipeline.media.audio_tracks import AudioTrack, read_audio_tracks
from style_pipeline.media.containers import COPY, EXTENSIONS, choose_container
from style_pipeline.media.facts import TrackFacts, track_facts
from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.languages import UNKNOWN, three_letters
from style_pipeline.media.source import (
    UnreadableVideo,
    clock_start,
    open_video,
    picture_tracks,
    time_base,
)
from style_pipeline.media.subtitles import Sidecar, share_out

# Matches no track, so that the source is an input for its tags and chapters alone.
NOTHING = "t:99?"


@dataclass(frozen=True, kw_only=True)
class Track:
    """One track of a source beside its pictures."""

    kind: str
    index: int
    codec: str
    language: str
    title: str
    forced: bool = False
    kept_as: str = COPY
    """The encoder that it goes through, or `COPY`."""
    sound: AudioTrack | None = None
    """What identifies it, of audio."""

    def __str__(self) -> str:
        return f"track {self.index} ({self.kind}, {self.codec})"


@dataclass(frozen=True, kw_only=True)
class TrackPlan:
    """What becomes of a source's tracks, and the container that can hold them."""

    container: str
    """FFmpeg's name of the film's container, a key of `EXTENSIONS`."""
    video: Track
    """The track that is styled."""
    audio: tuple[Track, ...]
    subtitles: tuple[Track, ...]
    beside: tuple[Sidecar, ...] = ()
    """Subtitles that become files beside the film."""
    attachments: tuple[Track, ...] = ()
    """Fonts that the film keeps."""
    left_out: tuple[str, ...]
    """Why each track, or part of one, that the film will not have is left out."""
    converted: tuple[str, ...] = ()
    """What the film will have in another form."""
    start: Fraction
    """Seconds on the source's clock at which the film's clock is 0."""
    pictures: str = ""
    """Which of several tracks of pictures is styled."""

    @property
    def film_extension(self) -> str:
        return EXTENSIONS[self.container][0]

    @property
    def audio_extension(self) -> str:
        return EXTENSIONS[self.container][1]

    @property
    def is_mp4(self) -> bool:
        """Whether the container is MP4 or its elder brother."""
        return self.container != "matroska"

    @property
    def sound(self) -> list[AudioTrack]:
        """What identifies the audio of the source that the film is to have."""
        return [track.sound for track in self.audio if track.sound]

    @property
    def decoded(self) -> frozenset[int]:
        """Indexes of the film's audio tracks of which only the samples are the source's."""
        return frozenset(
            place for place, track in enumerate(self.audio, start=1) if track.kept_as != COPY
        )


def plan_tracks(source: Path, *, track: int | None = None, conceal: bool = False) -> TrackPlan:
    """Choose the film's container and tracks by what the source holds.

    `track` is the one that is styled, by default the one that players show; `conceal` takes audio
    that is damaged as it is. All of the file is read. Raises `UnreadableVideo` for a file without a
    video track and for damaged audio.
    """
    with open_video(source, track=track) as (container, video):
        facts = track_facts(container)
        others = [
            stream
            for stream in container.streams
            # A chapter list that is stored as a track is not one to be kept beside the chapters.
            if stream.index != video.index and stream.discard != Discard.all
        ]
        tracks = {stream.index: _track(stream, facts) for stream in others}
        decodable = [s for s in container.streams.audio if s.codec_context is not None]
        heard = {found.index: found for found in read_audio_tracks(source)}
        streams = [s for s in decodable if not heard[s.index].is_empty]
        choice, ways = choose_container(streams)
        audio = tuple(
            _audio(source, tracks[s.index], ways[s.index], heard, conceal) for s in streams
        )
        texts = [t for t in tracks.values() if t.kind == "subtitle"]
        subtitles, beside = share_out(texts, container, into=choice)
        fonts = [t for t in tracks.values() if t.kind == "attachment"]
        attachments = tuple(fonts) if choice == "matroska" else ()
        kept = {t.index for t in (*audio, *subtitles, *attachments, *(b.track for b in beside))}
        return TrackPlan(
            container=choice,
            video=_track(video, facts),
            audio=audio,
            subtitles=subtitles,
            beside=beside,
            attachments=attachments,
            left_out=(
                *(f"{t}: {_why(t, choice, heard)}" for t in tracks.values() if t.index not in kept),
                *(
                    f"{t}: {t.sound.cut} damaged packets where it is cut off"
                    for t in audio
                    if t.sound and t.sound.cut
                ),
            ),
            converted=_converted(audio),
            start=clock_start(container, video),
            pictures=_pictures(container, video),
        )


def _track(stream: Stream, facts: dict[int, TrackFacts]) -> Track:
    decoder = stream.codec_context
    return Track(
        kind=stream.type,
        index=stream.index,
        codec=decoder.name if decoder else _codec(stream, facts),
        language=stream.language or UNKNOWN,
        # MP4 calls it name when reading and title when writing.
        title=stream.metadata.get("title") or stream.metadata.get("name", ""),
        forced=bool(stream.disposition & Disposition.forced),
    )


def _codec(stream: Stream, facts: dict[int, TrackFacts]) -> str:
    """Of what cannot be decoded; a font is known by its file's name."""
    if stream.type == "attachment":
        return stream.metadata.get("filename") or "a file"
    known = facts.get(stream.index)
    return known.codec if known and known.codec != "none" else "unknown"


def _audio(
    source: Path, track: Track, way: str, heard: dict[int, AudioTrack], conceal: bool
) -> Track:
    sound = heard[track.index]
    if sound.damaged and not conceal:
        raise UnreadableVideo(f"{track} is damaged in {sound.damaged} places")
    if way != COPY:
        decoded = read_audio_tracks(source, decoded={track.index})
        sound = next(found for found in decoded if found.index == track.index)
    return replace(track, kept_as=way, sound=sound)


def _why(track: Track, container: str, heard: dict[int, AudioTrack]) -> str:
    if track.kind == "audio":
        sound = heard.get(track.index)
        return "it is empty" if sound and sound.is_empty else "FFmpeg cannot decode it"
    return f"{container} films do not carry it"


def _converted(audio: Iterable[Track]) -> tuple[str, ...]:
    return tuple(
        f"{track}: decoded, and kept as {track.kept_as}" for track in audio if track.kept_as != COPY
    )


def _pictures(container: InputContainer, video: VideoStream) -> str:
    count = len(picture_tracks(container))
    size = f"{video.codec_context.width}x{video.codec_context.height}"
    return f"track {video.index} ({size}), of {count} with pictures" if count > 1 else ""


def extract_audio(source: Path, plan: TrackPlan, output: Path) -> None:
    """Copy every audio packet of a source, bit for bit, onto the film's clock.

    What no container holds is decoded; what is damaged at the ends is left out.
    """
    original = open_input(source, itsoffset=_offset(plan))
    tracks = [original[str(track.index)] for track in plan.audio]
    # Edit lists count in the movie's time scale: in a sample rate's multiple they are exact.
    options: dict[str, Any] = {"movie_timescale": 705_600_000} if plan.is_mp4 else {}
    for place, track in enumerate(plan.audio):
        if track.kept_as != COPY:
            options[f"c:a:{place}"] = track.kept_as
        elif track.sound and track.sound.cut:
            options[f"bsf:a:{place}"] = _without_ends(track.sound, plan)
    is_whole = not any(sound.cut or sound.damaged for sound in plan.sound)
    write_copy(
        tracks, output, of=[source], strict=is_whole, f=plan.container, copyts=None, **options
    )


def _without_ends(sound: AudioTrack, plan: TrackPlan) -> str:
    first, last = (float(at - plan.start) for at in (sound.first, sound.last))
    near = 0.0005  # seconds: less than any packet lasts, and more than a tick
    return f"noise=drop='lt(pts*tb,{first - near:.6f})+gt(pts*tb,{last + near:.6f})'"


def mux_film(
    film: Path, *, pictures: Path, audio: Path | None, source: Path, plan: TrackPlan
) -> None:
    """Put styled pictures and everything else that the source has into one film.

    Pictures and audio are copied. Text subtitles become the container's own kind of text.
    """
    original = open_input(source, itsoffset=_offset(plan))
    kept = [open_input(pictures)["v"]]
    if audio is not None:
        kept.append(open_input(audio)["a"])
    rest = [original[str(track.index)] for track in plan.subtitles + plan.attachments]
    kept += rest or [original[NOTHING]]
    place = 2 if audio is not None else 1
    write_copy(
        kept,
        film,
        of=[pictures, source, *([audio] if audio else [])],
        f=plan.container,
        copyts=None,
        map_metadata=place,
        map_chapters=place,
        **_lost_tags(plan),
        **(_mp4_options(pictures, plan) if plan.is_mp4 else _matroska_options(plan)),
    )


def write_sidecar(source: Path, sidecar: Sidecar, plan: TrackPlan, output: Path) -> None:
    """Copy a track of subtitles into a file of its own, onto the film's clock."""
    original = open_input(source, itsoffset=_offset(plan))
    track = original[str(sidecar.track.index)]
    write_copy([track], output, of=[source], f=sidecar.format, copyts=None)


def _lost_tags(plan: TrackPlan) -> dict[str, Any]:
    """What is lost with the old pictures, and in an audio file that is MP4."""
    tags: dict[str, str] = {}
    everything = {"v": (plan.video,), "a": plan.audio, "s": plan.subtitles}
    for kind, tracks in everything.items():
        for place, track in enumerate(tracks):
            language = three_letters(track.language) if plan.is_mp4 else track.language
            tags[f"metadata:s:{kind}:{place}"] = f"language={language}"
    for place, track in enumerate((plan.video, *plan.audio, *plan.subtitles)):
        if track.title:
            tags[f"metadata:s:{place}"] = f"title={track.title}"
    return tags


def _offset(plan: TrackPlan) -> str:
    return f"{-float(plan.start):.6f}"


def _mp4_options(pictures: Path, plan: TrackPlan) -> dict[str, Any]:
    """Playable while it downloads, and every picture at exactly its time."""
    with av.open(str(pictures)) as container:
        timescale = time_base(container.streams.video[0]).denominator
    return {
        "movflags": "+faststart",
        "video_track_timescale": timescale,
        "movie_timescale": timescale,
        **{
            f"c:s:{place}": "mov_text"
            for place, track in enumerate(plan.subtitles)
            if track.codec != "mov_text"
        },
    }


def _matroska_options(plan: TrackPlan) -> dict[str, Any]:
    """Matroska holds every subtitle but MP4's own kind."""
    return {
        f"c:s:{place}": "subrip"
        for place, track in enumerate(plan.subtitles)
        if track.codec == "mov_text"
    }
