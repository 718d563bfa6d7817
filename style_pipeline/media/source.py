"""Open a video that nobody vouches for, and hand out its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from pipeline_kit.errors import TransientError, UnusableInput
from pipeline_kit.machine.cgroup import processors
from style_pipeline.media.limits import MAX_PIXELS, MAX_STREAMS, OPEN_OPTIONS
from style_pipeline.media.mp4_boxes import boxes

_CUT_UNTOLD: Final = {("mpegts", "hevc"), ("hevc", "hevc")}
"""Containers and codecs that do not tell that the last picture is cut off: what it lacks shows what
was in memory, which with threads is something else each time."""
_TOO_LARGE = (
    f"its picture has over {MAX_PIXELS >> 20} megapixels, an impossible size, or is not what its "
    "container says"
)
"""What FFmpeg calls an invalid argument, once it knows the file."""


class UnreadableVideo(UnusableInput):
    """The file cannot be stylized as it is."""

    remedy = "export it again and drop it again"


class DamagedVideo(UnreadableVideo):
    """Part of the file cannot be decoded, and nobody said to make do with it."""

    remedy = 'export it again, or put damaged = "conceal" into its style.toml'


class FFmpegInterrupted(TransientError):
    """FFmpeg did not fail by its own word: it may do better another time, or in more room."""


@contextmanager
def open_video(
    path: Path, *, track: int | None = None, threads: bool = True
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a local file and one of its real video streams, ready to decode.

    By default that is the one that players show: see `_shown`. Whatever FFmpeg or PyAV find wrong
    inside the block is raised as `UnreadableVideo`. Without `threads` damage looks the same each
    time that it is decoded: those of slices made of it what the other one had just left in memory.
    """
    try:
        with _open(path) as container:
            video = _video_stream(container, path, track)
            if threads and (container.format.name, video.codec_context.name) not in _CUT_UNTOLD:
                video.thread_type = "AUTO"
            else:
                video.codec_context.thread_count = 1
            yield container, video
    except UnreadableVideo:
        raise
    except av.FFmpegError as error:
        why = _TOO_LARGE if isinstance(error, av.ArgumentError) else error.strerror
        raise UnreadableVideo(f"{path.name} cannot be decoded: {why}") from error
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        # PyAV knows less of what there may be in a file than the FFmpeg that it wraps.
        raise UnreadableVideo(
            f"{path.name} holds something that cannot be read ({type(error).__name__}: {error})"
        ) from error


def _open(path: Path) -> InputContainer:
    try:
        return av.open(str(path), options=OPEN_OPTIONS, metadata_errors="replace")
    except av.ArgumentError as error:  # what FFmpeg knows, but is not to read
        raise UnreadableVideo(
            f"{path.name} is no video in a container that is taken, such as MP4, MOV or Matroska"
        ) from error
    except av.InvalidDataError as error:
        if not _ends_before_its_header(path):
            raise
        raise UnreadableVideo(
            f"{path.name} ends before its header, which cameras write last (moov): "
            "upload the whole file"
        ) from error


def _ends_before_its_header(path: Path) -> bool:
    """Whether a file is MP4 or its like whose boxes are in order as far as it goes."""
    with path.open("rb") as file:
        found = list(boxes(file))
    kinds = [box.kind for box in found]
    if b"moov" in kinds or any(box.size < 8 for box in found):
        return False
    return kinds[:1] == [b"ftyp"] and b"mdat" in kinds


def _video_stream(container: InputContainer, path: Path, track: int | None) -> VideoStream:
    if len(container.streams) > MAX_STREAMS:
        raise UnreadableVideo(
            f"{path.name} has {len(container.streams)} tracks: at most {MAX_STREAMS} are taken"
        )
    streams = picture_tracks(container)
    if not streams:
        raise UnreadableVideo(f"{path.name} has no video track")
    if track is None:
        video = max(streams, key=_shown)
    else:
        video = next((s for s in streams if s.index == track), streams[0])
    decoder = video.codec_context
    if decoder is None:
        raise UnreadableVideo(f"{path.name}: no decoder for its video track")
    decoder.thread_count = processors()
    # Not err_detect=explode: what begins in the middle of a group of pictures (recorded
    # broadcasts, cut phone clips) would fail. Damaged frames come out marked as corrupt.
    decoder.options = {"flags": "+bitexact", "max_pixels": str(MAX_PIXELS)}
    return video


def picture_tracks(container: InputContainer) -> list[VideoStream]:
    """All but covers and thumbnails, which are video streams to FFmpeg, but nobody's film."""
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return [stream for stream in container.streams.video if not stream.disposition & still]


def _shown(stream: VideoStream) -> tuple[bool, bool, int]:
    """Players show the default track; of several (MP4 calls all of them so) we take the largest."""
    decoder = stream.codec_context
    if decoder is None:
        return (False, False, 0)
    is_default = bool(stream.disposition & Disposition.default)
    return (True, is_default, decoder.width * decoder.height)


def packets(container: InputContainer, streams: Sequence[Stream] = ()) -> Iterator[Packet[Stream]]:
    """All packets of these streams, or of any; in the end an empty one of each."""
    # Of a track that appears after the first few megabytes PyAV knows nothing, until it wants to
    # empty its decoder, after those of all others.
    with suppress(IndexError):
        yield from container.demux(*streams)


def time_base(stream: Stream) -> Fraction:
    """Seconds that one tick of a stream's timestamps lasts."""
    if stream.time_base is None:
        raise UnreadableVideo(f"track {stream.index} has no time base")
    return stream.time_base
