"""The frame index: one row for every frame of a video, made by decoding all of it once."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import cast
from zlib import crc32

import av
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.chunks import plan_chunks
from style_pipeline.media.decoding import decode, tells_when_decoded
from style_pipeline.media.ends import End
from style_pipeline.media.limits import MAX_FRAMES, MAX_HOURS, MAX_STILL_SECONDS
from style_pipeline.media.source import (
    Picture,
    UnreadableVideo,
    VideoFormat,
    open_video,
    picture,
    video_format,
)

MAX_CUT_SECONDS = 15
"""Of pictures that may be missing at either end: groups of pictures are shorter."""

SCHEMA = pa.schema(
    [
        ("frame", pa.int64()),
        ("pts", pa.int64()),
        ("duration", pa.int64()),
        ("key_frame", pa.bool_()),
        ("checksum", pa.uint32()),
    ]
)


@dataclass(frozen=True)
class FrameIndex:
    """Rows of a video's frames in order of presentation.

    `rows` has the columns frame (int64, from 0), pts and duration (int64, in units of
    `video.time_base`), key_frame (bool) and checksum (uint32, of the decoded picture).
    """

    video: VideoFormat
    rows: pa.Table
    chunks: tuple[range, ...]
    """The frames of every chunk slot; decided once, so that all who work on the video agree."""
    upload: str
    """The ETag of the file that was indexed."""
    left_out: tuple[str, ...] = ()
    """What of the pictures there is in the file and not here, and why."""

    @cached_property
    def pts(self) -> npt.NDArray[np.int64]:
        return np.asarray(self.rows["pts"], np.int64)

    @cached_property
    def checksums(self) -> npt.NDArray[np.uint32]:
        return np.asarray(self.rows["checksum"], np.uint32)

    @cached_property
    def durations(self) -> dict[int, int]:
        """Duration by PTS."""
        return dict(
            zip(self.rows["pts"].to_pylist(), self.rows["duration"].to_pylist(), strict=True)
        )

    @cached_property
    def content_hash(self) -> str:
        """Names these pictures at these times: what was made from another upload differs."""
        digest = blake2b(self.video.identity.encode(), digest_size=16)
        for column in ("pts", "checksum"):
            digest.update(self.rows[column].to_numpy().tobytes())
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def seconds(self) -> Fraction:
        """From the first frame's start to the last one's end."""
        last = int(self.pts[-1]) + self.durations[int(self.pts[-1])]
        return (last - int(self.pts[0])) * self.video.time_base

    def seconds_at(self, number: int) -> float:
        """When a frame is shown, from the first one's start."""
        return float((int(self.pts[number]) - int(self.pts[0])) * self.video.time_base)

    @property
    def fps(self) -> float:
        """Average frames per second."""
        return float(len(self) / self.seconds)

    def chunk(self, slot: int) -> range:
        """The frames of a chunk; none for a slot that was not there when the video was indexed."""
        return self.chunks[slot] if slot < len(self.chunks) else range(0)

    def key_frame_at_or_before(self, row: int) -> int:
        """The last key frame that is no later than a row, or 0."""
        keys = np.flatnonzero(self.rows["key_frame"].to_numpy()[: row + 1])
        return int(keys[-1]) if keys.size else 0


def checksum(planes: Picture) -> int:
    """CRC-32 of a picture as coded: against mistakes, not against forgery."""
    return crc32(planes.data)


def index_frames(
    path: Path,
    *,
    upload: str = "",
    max_chunks: int = 1,
    min_frames: int = 1,
    conceal: bool = False,
    on_frame: Callable[[int, Picture], None] = lambda number, planes: None,
    on_progress: Callable[[int, int], None] = lambda done, promised: None,
) -> FrameIndex:
    """Decode a whole video, index it and plan its chunks (see `plan_chunks`).

    `on_frame` is given every frame's number and picture as coded, `on_progress` how many frames
    were decoded and how many the header promises (0 if it does not). What comes before the first
    picture that is whole and what is cut off at the end, as in recordings of broadcasts, is left
    out. Raises `UnreadableVideo` where anything between cannot be decoded or is not in order, where
    there is too much of it, or where the end is missing; FLV and MPEG-TS do not tell.
    """
    counted = damaged = False
    while True:
        reading = _Reading(path, counted=counted, damaged=damaged, conceal=conceal)
        try:
            video, left_out = reading.read(on_frame, on_progress)
            break
        except _NoTimes as error:
            if counted:
                raise UnreadableVideo(str(error)) from None
            counted = True
        except _Damaged:
            damaged = True
    columns = reading.columns
    columns["duration"] = _durations(columns["pts"], columns["duration"], video)
    rows = pa.table(columns, schema=SCHEMA)
    chunks = plan_chunks(rows.num_rows, max_chunks=max_chunks, min_frames=min_frames)
    return FrameIndex(video, rows, tuple(chunks), upload, left_out)


class _NoTimes(Exception):
    """The frames of a file without times of presentation came with times all the same, or none."""


class _Damaged(Exception):
    """Something cannot be decoded: what it is shows only where no two threads decode at once."""


class _Reading:
    """One pass through a file. The first one expects nothing, and is over where something is."""

    def __init__(self, path: Path, *, counted: bool, damaged: bool, conceal: bool) -> None:
        self.path = path
        self.counted = counted
        self.damaged = damaged
        self.conceal = conceal
        self.columns: dict[str, list[int]] = {name: [] for name in SCHEMA.names}
        self.broken: list[int] = []
        """Times of what is damaged."""
        self.is_broken = False
        self.reordered = 0
        """How many pictures that are decoded earlier may be shown later than one."""
        self.has_times = False

    def read(
        self, on_frame: Callable[[int, Picture], None], on_progress: Callable[[int, int], None]
    ) -> tuple[VideoFormat, tuple[str, ...]]:
        described: VideoFormat | None = None
        with open_video(self.path, frame_threads=not self.damaged) as (container, stream):
            try:
                for frame in self._frames(container, stream):
                    if not self._is_taken(frame):
                        continue
                    described = described or video_format(
                        container, stream, frame, counted=self.counted, damaged=self.damaged
                    )
                    number = len(self.columns["pts"])
                    self._check_time(frame, container, stream, described.time_base)
                    planes = picture(frame, described)
                    row = (number, frame.pts, frame.duration, frame.key_frame, checksum(planes))
                    for column, value in zip(self.columns.values(), row, strict=True):
                        column.append(cast(int, value))
                    on_frame(number, planes)
                    on_progress(number + 1, stream.frames)
                self.reordered = stream.codec_context.reorder_depth
            except av.InvalidDataError:
                if self.damaged:
                    raise
                raise _Damaged from None
        if described is None:
            raise UnreadableVideo(
                f"{self.path.name} cannot be decoded: Invalid data found when processing input"
                if self.is_broken
                else f"{self.path.name} has a video track without a single frame"
            )
        return described, self._left_out(described)

    def _frames(self, container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        """All frames. FFmpeg reads a file that was cut off as if it had ended there."""
        end = End(container, stream)
        yield from decode(
            self._watched(end),
            stream,
            counted=self.counted,
            on_broken=self._note_broken if self.damaged else None,
        )
        end.check()

    def _watched(self, end: End) -> Iterator[Packet[Stream]]:
        for packet in end.container.demux():
            if packet.stream.index == end.stream.index and packet.size:
                self.has_times |= packet.pts is not None
                bare = end.container.format.name in ("h264", "hevc")  # of which the rate tells all
                if self.counted and packet.dts is None and not bare:
                    raise UnreadableVideo(f"frame {len(self.columns['pts'])} has no timestamp")
            end.add(packet)
            yield packet

    def _note_broken(self, time: int | None) -> None:
        self.is_broken = True
        if time is not None:
            self.broken.append(time)

    def _is_taken(self, frame: VideoFrame) -> bool:
        if not frame.is_corrupt:
            return True
        if not self.damaged:
            raise _Damaged
        self._note_broken(frame.pts)
        return self.conceal and bool(self.columns["pts"])

    def _check_time(
        self, frame: VideoFrame, container: InputContainer, stream: VideoStream, tick: Fraction
    ) -> None:
        """Refuse a frame that is not later than those before it, or much later."""
        before = self.columns["pts"]
        number = len(before)
        may_be_counted = not self.has_times or tells_when_decoded(container, stream)
        if frame.pts is None:
            why = f"frame {number} has no timestamp"
            raise _NoTimes(why) if may_be_counted else UnreadableVideo(why)
        if not before:
            return
        still, film = ((frame.pts - earlier) * tick for earlier in (before[-1], before[0]))
        if still <= 0:
            why = (
                f"frame {number} is not later than the one before it "
                f"(PTS {frame.pts} after {before[-1]})"
            )
            raise _NoTimes(why) if may_be_counted else UnreadableVideo(why)
        if still > MAX_STILL_SECONDS:
            raise UnreadableVideo(
                f"frame {number} comes {float(still) / 3600:.1f} h after the one before it: "
                f"at most {MAX_STILL_SECONDS / 3600:.0f} h is taken"
            )
        if film > MAX_HOURS * 3600 or number >= MAX_FRAMES:
            raise UnreadableVideo(
                f"it has more than {MAX_HOURS} h or {MAX_FRAMES:,} frames: cut it into parts"
            )

    def _left_out(self, video: VideoFormat) -> tuple[str, ...]:
        """Drop what is damaged at the end, and say what is left out. Refuses damage between."""
        pts = self.columns["pts"]
        first = pts[0]
        # The last packets may hold pictures that are shown before some that are whole.
        shown_first = pts[-1 - self.reordered] if len(pts) > self.reordered else first
        head = [time for time in self.broken if time < first]
        tail = [time for time in self.broken if time > max(first, shown_first)]
        between = [time for time in self.broken if first < time <= shown_first]
        if between and not self.conceal:
            raise UnreadableVideo(f"frame {bisect_left(pts, min(between))} is damaged")
        for number, cut in ((0, head), (len(pts), tail)):
            if cut and (max(cut) - min(cut)) * video.time_base > MAX_CUT_SECONDS:
                raise UnreadableVideo(f"frame {number} is damaged, and what comes next to it")
        kept = bisect_left(pts, min(tail)) if tail else len(pts)
        dropped = len(pts) - kept
        for column in self.columns.values():
            del column[kept:]
        said = {
            "before the first whole picture left out": len(head),
            "at the end, where it is cut off, left out": max(len(tail), dropped),
            "between, shown as the decoder makes them up": len(between),
        }
        return tuple(f"{count} damaged frames {what}" for what, count in said.items() if count)


def _durations(pts: list[int], last: list[int], video: VideoFormat) -> list[int | bool]:
    """Each frame lasts until the next one; the last, what its decoder says, or as usual."""
    usual = round(1 / (video.average_rate * video.time_base)) or 1
    return [*np.diff(pts).tolist(), last[-1] or usual]


def write_index(index: FrameIndex, path: Path) -> None:
    """Write an index as a Parquet file; what is not rows travels in the schema metadata."""
    header = {
        "video": json.dumps(asdict(index.video), default=str),
        "chunks": json.dumps([[chunk.start, chunk.stop] for chunk in index.chunks]),
        "upload": index.upload,
        "left_out": json.dumps(index.left_out),
    }
    pq.write_table(index.rows.replace_schema_metadata(header), path)


def read_index(path: Path) -> FrameIndex:
    """Read an index that `write_index` wrote."""
    rows = pq.read_table(path)
    header = rows.schema.metadata
    video = json.loads(header[b"video"])
    for field in fields(VideoFormat):
        if field.type in (Fraction, "Fraction"):
            video[field.name] = Fraction(video[field.name])
    if "crop" in video:
        video["crop"] = tuple(video["crop"])
    return FrameIndex(
        VideoFormat(**video),
        rows.replace_schema_metadata(None),
        tuple(range(start, stop) for start, stop in json.loads(header[b"chunks"])),
        header[b"upload"].decode(),
        tuple(json.loads(header.get(b"left_out", "[]"))),
    )
