"""The tracks that go round the styling: audio, subtitles, chapters and tags."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.stream import Discard, Stream

from style_pipeline.media.ffmpeg import open_input, write_copy
from style_pipeline.media.source import clock_start, open_video, time_base

# Matches no track, so that the source is an input for its tags and chapters alone.
NOTHING = "t:99?"
# Decoders of what is registered for MP4; FFmpeg would put more into it, which players refuse.
MP4_AUDIO = frozenset(
    {"aac", "ac3", "alac", "eac3", "flac", "mp2", "mp2float", "mp3", "mp3float", "opus"}
)
EXTENSIONS = {"mp4": ("mp4", "m4a"), "mov": ("mov", "mov"), "matroska": ("mkv", "mka")}
"""Of the film and of the audio by itself, in each container."""
TEXT_SUBTITLES = frozenset({"ass", "ssa", "subrip", "srt", "webvtt", "text", "mov_text"})


@dataclass(frozen=True, kw_only=True)
class Track:
    """One track of a source beside its pictures."""

    kind: str
    index: int
    codec: str
    language: str
    title: str


@dataclass(frozen=True, kw_only=True)
class TrackPlan:
    """What becomes of a source's tracks, and the container that can hold them."""

    container: str
    """FFmpeg's name of the film's container, a key of `EXTENSIONS`."""
    video: Track
    """The track that is styled."""
    audio: tuple[Track, ...]
    subtitles: tuple[Track, ...]
    left_out: tuple[str, ...]
    """Why each track that the film will not have is left out."""
    start: Fraction
    """Seconds on the source's clock at which the film's clock is 0."""

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


def plan_tracks(source: Path) -> TrackPlan:
    """Choose the film's container and tracks by what the source holds.

    Audio is kept as it is, whatever container that takes: MP4, QuickTime for uncompressed audio,
    Matroska for anything else. Raises `UnreadableVideo` for a file without a video track.
    """
    with open_video(source) as (container, video):
        tracks = [
            _track(stream)
            for stream in container.streams
            # A chapter list that is stored as a track is not one to be kept beside the chapters.
            if stream.index != video.index and stream.discard != Discard.all
        ]
        styled, start = _track(video), clock_start(container, video)
    choice = _container_for({track.codec for track in tracks if track.kind == "audio"})
    audio = tuple(track for track in tracks if track.kind == "audio")
    # MP4 holds pictures of text (from DVDs) in a way that next to no player knows.
    holds = TEXT_SUBTITLES | (_codecs_of(choice) if choice == "matroska" else set())
    subtitles = tuple(t for t in tracks if t.kind == "subtitle" and t.codec in holds)
    return TrackPlan(
        container=choice,
        video=styled,
        audio=audio,
        subtitles=subtitles,
        left_out=tuple(
            f"track {t.index} ({t.kind}, {t.codec}): {choice} films do not carry it"
            for t in tracks
            if t not in audio + subtitles
        ),
        start=start,
    )


def _track(stream: Stream) -> Track:
    return Track(
        kind=stream.type,
        index=stream.index,
        codec=stream.codec_context.name if stream.codec_context else "unknown",
        language=stream.language or "und",
        # MP4 calls it name when reading and title when writing.
        title=stream.metadata.get("title") or stream.metadata.get("name", ""),
    )


def _container_for(audio: set[str]) -> str:
    if audio <= MP4_AUDIO:
        return "mp4"
    uncompressed = {codec for codec in audio if codec.startswith("pcm_")}
    return "mov" if audio <= (MP4_AUDIO | uncompressed) & _codecs_of("mov") else "matroska"


def _codecs_of(container: str) -> frozenset[str]:
    """Names of the codecs that FFmpeg can put into a container."""
    with av.open("/dev/null", "w", format=container) as output:
        return frozenset(output.supported_codecs)


def extract_audio(source: Path, plan: TrackPlan, output: Path) -> None:
    """Copy every audio packet of a source, bit for bit, onto the film's clock."""
    original = open_input(source, itsoffset=_offset(plan))
    tracks = [original[str(track.index)] for track in plan.audio]
    # Edit lists count in the movie's time scale: in a sample rate's multiple they are exact.
    timescale = {"movie_timescale": 705_600_000} if plan.is_mp4 else {}
    write_copy(tracks, output, of=[source], f=plan.container, copyts=None, **timescale)


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
    kept += [original[str(track.index)] for track in plan.subtitles]
    if not plan.subtitles:
        kept.append(original[NOTHING])
    rest = 2 if audio is not None else 1
    write_copy(
        kept,
        film,
        of=[pictures, source, *([audio] if audio else [])],
        f=plan.container,
        copyts=None,
        map_metadata=rest,
        map_chapters=rest,
        **_lost_tags(plan),
        **(_mp4_options(pictures) if plan.is_mp4 else _matroska_options(plan)),
    )


def _lost_tags(plan: TrackPlan) -> dict[str, str]:
    """What is lost with the old pictures, and in an audio file that is MP4."""
    titles = {
        f"metadata:s:{place}": f"title={track.title}"
        for place, track in enumerate((plan.video, *plan.audio, *plan.subtitles))
        if track.title
    }
    return {"metadata:s:v:0": f"language={plan.video.language}", **titles}


def _offset(plan: TrackPlan) -> str:
    return f"{-float(plan.start):.6f}"


def _mp4_options(pictures: Path) -> dict[str, Any]:
    """Playable while it downloads, and every picture at exactly its time."""
    with av.open(str(pictures)) as container:
        timescale = time_base(container.streams.video[0]).denominator
    return {
        "c:s": "mov_text",
        "movflags": "+faststart",
        "video_track_timescale": timescale,
        "movie_timescale": timescale,
    }


def _matroska_options(plan: TrackPlan) -> dict[str, Any]:
    """Matroska holds every subtitle but MP4's own kind."""
    return {
        f"c:s:{place}": "subrip"
        for place, track in enumerate(plan.subtitles)
        if track.codec == "mov_text"
    }
