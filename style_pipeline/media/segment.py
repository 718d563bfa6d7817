"""Write a styled chunk as one closed segment, and check what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from pipeline_kit.errors import PermanentError
from style_pipeline.media import source
from style_pipeline.media.encoding import Encoder, add_video_stream, as_frame
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.pictures import Picture

SECONDS_BETWEEN_KEY_FRAMES = 2


class BrokenSegment(PermanentError):
    """A segment does not hold the frames that the index says it must hold."""


@dataclass(frozen=True)
class Origin:
    """What a segment was made from; written into it, so that no mix of versions becomes a film."""

    index_hash: str
    look_hash: str

    def __str__(self) -> str:
        return f"index={self.index_hash} look={self.look_hash}"

    @classmethod
    def of(cls, segment: Path) -> Origin:
        """What a segment says of itself. Raises `BrokenSegment` for a file that says nothing."""
        with open_segment(segment) as container:
            said = re.fullmatch(r"index=(\w+) look=(\w+)", container.metadata.get("comment", ""))
        if said is None:
            raise BrokenSegment(f"{segment.name} does not say what it was made from")
        return cls(*said.groups())


@contextmanager
def open_segment(path: Path) -> Iterator[InputContainer]:
    """Open a segment to read it; whatever FFmpeg finds wrong is raised as `BrokenSegment`."""
    try:
        with av.open(str(path)) as container:
            yield container
    except av.FFmpegError as error:
        raise BrokenSegment(
            f"segment {path.name} cannot be read ({error.strerror}): backfill this chunk"
        ) from error


def write_segment(
    path: Path,
    pictures: Iterable[Picture],
    index: FrameIndex,
    frames: range,
    *,
    encoder: Encoder,
    origin: Origin,
) -> None:
    """Encode upright pictures as one closed segment that starts with an IDR frame.

    The segment's clock starts at its first frame and ticks in the source's time base, so any
    variable frame rate is kept. Raises `BrokenSegment` unless there is one picture per frame, of
    the source's upright size.
    """
    video = index.video
    start = int(index.pts[frames.start])
    with av.open(str(path), "w", format="mp4") as container:
        container.metadata["comment"] = str(origin)
        gop = max(1, round(SECONDS_BETWEEN_KEY_FRAMES * index.fps))
        stream = add_video_stream(container, video, encoder, gop=gop)
        times = iter(index.pts[frames.start : frames.stop].tolist())
        for planes in pictures:
            pts = next(times, None)
            if pts is None:
                raise BrokenSegment(f"more than {len(frames)} pictures came for {path.name}")
            if planes.shape != video.upright_shape:  # which PyAV would scale without a word
                raise BrokenSegment(
                    f"a picture for {path.name} has shape {planes.shape}, not {video.upright_shape}"
                )
            frame = as_frame(planes, video, encoder)
            frame.pts = pts - start
            frame.time_base = video.time_base
            container.mux(_timed(stream.encode(frame), index, start))
        container.mux(_timed(stream.encode(None), index, start))
    verify_segment(path, index, frames, origin=origin)


def _timed(
    packets: list[Packet[VideoStream]], index: FrameIndex, start: int
) -> list[Packet[VideoStream]]:
    for packet in packets:
        if packet.pts is not None:
            packet.duration = index.durations[packet.pts + start]
    return packets


def read_packets(path: Path, time_base: Fraction) -> Iterator[tuple[int, Packet[VideoStream]]]:
    """A segment's packets in decoding order, each with its PTS in ticks of `time_base`."""
    with open_segment(path) as container:
        stream = container.streams.video[0]
        scale = source.time_base(stream) / time_base
        for packet in container.demux(stream):
            if packet.pts is not None:
                yield int(packet.pts * scale), packet


def verify_segment(path: Path, index: FrameIndex, frames: range, *, origin: Origin) -> list[int]:
    """Check a segment against the index and return its PTS (source clock) in decoding order.

    Raises `BrokenSegment` where it was made from something else or a frame is missing, added or
    at another time.
    """
    if Origin.of(path) != origin:
        raise BrokenSegment(
            f"segment {path.name} was made from another upload or look: backfill this chunk"
        )
    start = int(index.pts[frames.start])
    packets = [
        (pts + start, packet.is_keyframe)
        for pts, packet in read_packets(path, index.video.time_base)
    ]
    found = [pts for pts, _ in packets]
    expected = index.pts[frames.start : frames.stop].tolist()
    if sorted(found) != expected or not packets[0][1]:
        raise BrokenSegment(
            f"segment {path.name} holds {len(found)} frames, not frames "
            f"{frames.start}..{frames.stop - 1} at their timestamps: backfill this chunk"
        )
    return found
