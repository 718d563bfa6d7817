"""The tracks that go round the styling: audio, subtitles, chapters and tags."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from av.container import InputContainer
from av.stream import Discard, Disposition, Stream
from av.video.stream import VideoStream

from style_pipeline.media.audio_tracks import SYNC_TOLERANCE, AudioTrack, read_audio_tracks
from style_pipeline.media.containers import COPY, EXTENSIONS, choose_container
from style_pipeline.media.cut import WHOLE, Cut, Part
from style_pipeline.media.facts import TrackFacts, track_facts
from style_pipeline.media.languages import UNKNOWN
from style_pipeline.media.source import DamagedVideo, open_video, picture_tracks
from style_pipeline.media.subtitles import Sidecar, share_out, without_cues


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
    end: Fraction | None = None
    """The same of the time at which it is cut."""
    skipped: Fraction = Fraction(0)
    """Seconds that are cut off at the beginning."""
    conceals: bool = False
    """Whether damaged audio is taken as it comes."""
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
    def is_cut(self) -> bool:
        return bool(self.skipped) or self.end is not None

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


def plan_tracks(
    source: Path, *, track: int | None = None, conceal: bool = False, cut: Cut = WHOLE
) -> TrackPlan:
    """Choose the film's container and tracks by what the source holds.

    `track` is the one that is styled, by default the one that players show; `conceal` takes audio
    that is damaged as it is; of what is `cut` off nothing is taken. All of the file is read. Raises
    `UnreadableVideo` for a file without a video track and for damaged audio.
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
        interrupted = any(abs(heard[s.index].silence) > SYNC_TOLERANCE for s in streams)
        choice, ways = choose_container(streams, interrupted=interrupted)
        part = Part.of(container, video, cut)
        if cut:
            taken = partial(part.holds_sound, lead=choice != "matroska")
            heard = {found.index: found for found in read_audio_tracks(source, taken=taken)}
            streams = [s for s in streams if not heard[s.index].is_empty]
        audio = tuple(
            _audio(source, tracks[s.index], ways[s.index], heard, conceal, part) for s in streams
        )
        texts = [t for t in tracks.values() if t.kind == "subtitle"]
        silent = without_cues(container, [t.index for t in texts], part) if cut else set()
        texts = [t for t in texts if t.index not in silent]
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
                *(
                    f"{t}: {_why(t, choice, heard, silent)}"
                    for t in tracks.values()
                    # A time code is written again, by what the file's tags say of it.
                    if t.index not in kept and t.codec != "tmcd"
                ),
                *(
                    f"{t}: {t.sound.cut} damaged packets where it is cut off"
                    for t in audio
                    if t.sound and t.sound.cut
                ),
            ),
            converted=_converted(audio),
            start=part.start,
            end=part.end,
            skipped=part.skipped,
            conceals=conceal,
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
    source: Path,
    track: Track,
    way: str,
    heard: dict[int, AudioTrack],
    conceal: bool,
    part: Part,
) -> Track:
    sound = heard[track.index]
    if sound.damaged and not conceal:
        raise DamagedVideo(f"{track} is damaged in {sound.damaged} places")
    if way != COPY:
        # What is decoded begins with whole samples, and needs no lead.
        taken = partial(part.holds_sound, lead=False)
        decoded = read_audio_tracks(source, decoded={track.index}, taken=taken)
        samples = next(found for found in decoded if found.index == track.index)
        sound = replace(samples, damaged=sound.damaged)
    return replace(track, kept_as=way, sound=sound)


def _why(
    track: Track, container: str, heard: dict[int, AudioTrack], silent: Collection[int]
) -> str:
    if track.index in silent:
        return "it is empty"
    if track.kind == "audio":
        sound = heard.get(track.index)
        return "it is empty" if sound and sound.is_empty else "FFmpeg cannot decode it"
    if track.codec == "unknown":
        return "FFmpeg does not know it"
    return f"{container} films do not carry it"


def _converted(audio: Iterable[Track]) -> tuple[str, ...]:
    return tuple(
        f"{track}: decoded, and kept as {track.kept_as}" for track in audio if track.kept_as != COPY
    )


def _pictures(container: InputContainer, video: VideoStream) -> str:
    count = len(picture_tracks(container))
    size = f"{video.codec_context.width}x{video.codec_context.height}"
    return f"track {video.index} ({size}), of {count} with pictures" if count > 1 else ""
