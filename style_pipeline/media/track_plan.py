"""What becomes of the tracks of a source beside its pictures."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from style_pipeline.media.audio_tracks import AudioTrack
from style_pipeline.media.containers import COPY, EXTENSIONS

_FORMATS: Final = {"vtt": "webvtt", "mks": "matroska"}
"""FFmpeg's names of files of subtitles, by their suffix where that is another."""


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


@dataclass(frozen=True)
class Sidecar:
    """A track of subtitles beside the film."""

    track: Track
    ending: str
    """Of its name, after that of the film without its extension: `en.ass`, `de.forced.srt`."""

    @property
    def format(self) -> str:
        """FFmpeg's name of the file's format."""
        suffix = self.ending.rpartition(".")[2]
        return _FORMATS.get(suffix, suffix)


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
