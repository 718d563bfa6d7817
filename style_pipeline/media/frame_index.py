"""The frame index: one row for every frame of a video, made by decoding all of it once."""

import json
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
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.chunks import plan_chunks
from style_pipeline.media.limits import MAX_FRAMES, MAX_HOURS, MAX_STILL_SECONDS
from style_pipeline.media.source import (
    Picture,
    UnreadableVideo,
    VideoFormat,
    open_video,
    picture,
    video_format,
)

SLACK = Fraction(1)
"""Seconds by which a header may be wrong."""

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
        digest = blake2b(repr(self.video).encode(), digest_size=16)
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
    on_frame: Callable[[int, Picture], None] = lambda number, planes: None,
    on_progress: Callable[[int, int], None] = lambda done, promised: None,
) -> FrameIndex:
    """Decode a whole video, index it and plan its chunks (see `plan_chunks`).

    `on_frame` is given every frame's number and picture as coded, `on_progress` how many frames
    were decoded and how many the header promises (0 if it does not). Raises `UnreadableVideo` where
    any of it cannot be decoded or is not in order, where there is too much of it, or where the end
    is missing; FLV and MPEG-TS do not tell.
    """
    columns: dict[str, list[int | bool]] = {name: [] for name in SCHEMA.names}
    described: VideoFormat | None = None
    with open_video(path) as (container, stream):
        for frame in _decode_whole(container, stream):
            described = described or video_format(container, stream, frame)
            number = len(columns["pts"])
            if frame.is_corrupt or frame.pts is None:
                what = "is damaged" if frame.is_corrupt else "has no timestamp"
                raise UnreadableVideo(f"frame {number} {what}")
            _check_time(frame.pts, columns["pts"], described.time_base)
            planes = picture(frame, described)
            row = (number, frame.pts, frame.duration or 0, frame.key_frame, checksum(planes))
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
            on_frame(number, planes)
            on_progress(number + 1, stream.frames)
    if described is None:
        raise UnreadableVideo(f"{path.name} has a video track without a single frame")
    columns["duration"] = _durations(columns["pts"], columns["duration"], described)
    rows = pa.table(columns, schema=SCHEMA)
    chunks = plan_chunks(rows.num_rows, max_chunks=max_chunks, min_frames=min_frames)
    return FrameIndex(described, rows, tuple(chunks), upload)


def _check_time(pts: int, before: list[int], time_base: Fraction) -> None:
    """Refuse a frame that is not later than those before it, or much later."""
    if not before:
        return
    number = len(before)
    still, film = ((pts - earlier) * time_base for earlier in (before[-1], before[0]))
    if still <= 0:
        raise UnreadableVideo(
            f"frame {number} is not later than the one before it (PTS {pts} after {before[-1]})"
        )
    if still > MAX_STILL_SECONDS:
        raise UnreadableVideo(
            f"frame {number} comes {float(still) / 3600:.1f} h after the one before it: "
            f"at most {MAX_STILL_SECONDS / 3600:.0f} h is taken"
        )
    if film > MAX_HOURS * 3600 or number >= MAX_FRAMES:
        raise UnreadableVideo(
            f"it has more than {MAX_HOURS} h or {MAX_FRAMES:,} frames: cut it into parts"
        )


def _decode_whole(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode all frames. FFmpeg reads a file that was cut off as if it had ended there."""
    end = Fraction(0)
    for packet in container.demux():
        if packet.pts is not None:
            end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
        if packet.stream.index == stream.index:
            if packet.has_sidedata("encryption_info"):
                raise UnreadableVideo("it is encrypted: export it without copy protection")
            yield from cast("Packet[VideoStream]", packet).decode()
    announced = _announced_end(container, stream)
    if announced - end > max(SLACK, announced / 100):
        raise UnreadableVideo(
            f"it ends after {float(end):.1f} of {float(announced):.1f} s: upload the whole file"
        )


def _announced_end(container: InputContainer, stream: VideoStream) -> Fraction:
    """When a file should end by its header, or 0: FLV headers are often wrong, MPEG-TS has none."""
    if container.format.name == "avi":  # of which FFmpeg guesses the duration from the size
        return stream.frames / Fraction(stream.average_rate or 25)
    if container.format.name in {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}:
        return Fraction((container.start_time or 0) + (container.duration or 0), av.time_base)
    return Fraction(0)


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
    }
    pq.write_table(index.rows.replace_schema_metadata(header), path)


def read_index(path: Path) -> FrameIndex:
    """Read an index that `write_index` wrote."""
    rows = pq.read_table(path)
    header = rows.schema.metadata
    video = json.loads(header[b"video"])
    for field in fields(VideoFormat):
        if field.type is Fraction:
            video[field.name] = Fraction(video[field.name])
    return FrameIndex(
        VideoFormat(**video),
        rows.replace_schema_metadata(None),
        tuple(range(start, stop) for start, stop in json.loads(header[b"chunks"])),
        header[b"upload"].decode(),
    )
