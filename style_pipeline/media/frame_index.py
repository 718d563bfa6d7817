"""The frame index: one row for every frame of a video, made by decoding all of it once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat

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
    `video.time_base`), key_frame (bool) and checksum (uint32, of the decoded picture); where any
    frame has captions also captions (binary).
    """

    video: VideoFormat
    rows: pa.Table
    chunks: tuple[range, ...]
    """The frames of every chunk slot; decided once, so that all who work on the video agree."""
    upload: str
    """The ETag of the file that was indexed."""
    left_out: tuple[str, ...] = ()
    """What of the pictures there is in the file and not here, and why."""
    container: str = ""
    """FFmpeg's name of the film's container, by the audio that it is to hold."""

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
    def captions(self) -> dict[int, bytes]:
        """Closed captions by the PTS of the frame that they come with."""
        if "captions" not in self.rows.column_names:
            return {}
        found = zip(self.rows["pts"].to_pylist(), self.rows["captions"].to_pylist(), strict=True)
        return {pts: captions for pts, captions in found if captions}

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


def write_index(index: FrameIndex, path: Path) -> None:
    """Write an index as a Parquet file; what is not rows travels in the schema metadata."""
    header = {
        "video": json.dumps(asdict(index.video), default=str),
        "chunks": json.dumps([[chunk.start, chunk.stop] for chunk in index.chunks]),
        "upload": index.upload,
        "left_out": json.dumps(index.left_out),
        "container": index.container,
    }
    pq.write_table(index.rows.replace_schema_metadata(header), path)


def read_index(path: Path) -> FrameIndex:
    """Read an index that `write_index` wrote."""
    rows = pq.read_table(path)
    header = rows.schema.metadata
    video = json.loads(header[b"video"])
    for field in fields(VideoFormat):
        if field.type in (Fraction, "Fraction") and field.name in video:
            video[field.name] = Fraction(video[field.name])
    for name in {"crop", "spherical"} & set(video):
        video[name] = tuple(video[name])
    return FrameIndex(
        VideoFormat(**video),
        rows.replace_schema_metadata(None),
        tuple(range(start, stop) for start, stop in json.loads(header[b"chunks"])),
        header[b"upload"].decode(),
        tuple(json.loads(header.get(b"left_out", "[]"))),
        header.get(b"container", b"").decode(),
    )
