"""360 degrees and stereo 3D: how pictures of a video are marked, and marking those of a film."""

import shutil
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from av.video.frame import VideoFrame

from style_pipeline.media.mp4_boxes import boxes
from style_pipeline.media.side_data import side_data
from style_pipeline.media.video_format import VideoFormat

STEREO_MODES: Final = {
    (1, False): "left_right",
    (1, True): "right_left",
    (2, False): "top_bottom",
    (2, True): "bottom_top",
    (3, False): "block_lr",
    (3, True): "block_rl",
    (4, False): "checkerboard_lr",
    (4, True): "checkerboard_rl",
    (6, False): "row_interleaved_lr",
    (6, True): "row_interleaved_rl",
    (7, False): "col_interleaved_lr",
    (7, True): "col_interleaved_rl",
}
"""Matroska's names of them, by the number of FFmpeg's `AVStereo3DType` and whether the right view
comes first."""
FRAME_PACKING: Final = {
    "checkerboard_lr": 0,
    "col_interleaved_lr": 1,
    "row_interleaved_lr": 2,
    "left_right": 3,
    "top_bottom": 4,
    "block_lr": 5,
}
"""H.264's numbers of them (frame_packing_arrangement_type), as x264 takes them."""
_IN_TURN: Final = 3
_ST3D: Final = {"top_bottom": 1, "left_right": 2}
_EQUIRECTANGULAR, _CUBEMAP, _TILE = range(3)
_STEREO, _SPHERICAL = "the mark of stereo 3D", "the mark of 360 degrees"

_VISUAL_ENTRY: Final = 86
"""Bytes of a description of pictures before the boxes in it."""
_HOLDERS: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def stereo_mode(frame: VideoFrame, tags: Mapping[str, str]) -> str:
    """How both eyes' views lie in a picture, in Matroska's words; nothing where there is one view.

    `tags` are those of its track, of which Matroska's tell more than FFmpeg does beside frames.
    """
    if named := tags.get("stereo_mode"):
        return "" if named == "mono" else named
    data = side_data(frame).get("STEREO3D", b"")
    kind, flags, view = struct.unpack("=3i", data[:12]) if len(data) >= 12 else (0, 0, 0)
    if view and kind != _IN_TURN:  # of spatial video one eye's view is decoded
        return ""
    return STEREO_MODES.get((kind, bool(flags & 1)), "")


def spherical(frame: VideoFrame) -> tuple[int, ...]:
    """The fields of FFmpeg's `AVSphericalMapping`: projection; yaw, pitch and roll in degrees of
    16.16 bits; bounds left, top, right and bottom in parts of 2^32; padding. Nothing where pictures
    are flat, or of a projection that films do not carry."""
    data = side_data(frame).get("SPHERICAL", b"")
    numbers = struct.unpack("=4i5I", data[:36]) if len(data) >= 36 else ()
    return numbers if numbers and numbers[0] <= _TILE else ()


def unmarked(video: VideoFormat, container: str) -> tuple[str, ...]:
    """The marks that a film in a container, in FFmpeg's name of it, will lack, for people."""
    if not video.stereo or container == "matroska" or video.stereo in _ST3D:
        return ()
    carried = 'only H.264 carries it (codec = "h264")'
    why = carried if video.stereo in FRAME_PACKING else f"{container} films do not carry it"
    return (f"{_STEREO} ({video.stereo}): {why}",)


def lost_marks(frame: VideoFrame) -> tuple[str, ...]:
    """The marks of a picture that no film carries, for people."""
    found = side_data(frame)
    stereo, mapping = found.get("STEREO3D", b""), found.get("SPHERICAL", b"")
    is_stereo = stereo[:4] not in (b"", bytes(4))
    return (
        *([_STEREO] if is_stereo and not stereo_mode(frame, {}) else []),
        *([_SPHERICAL] if mapping and not spherical(frame) else []),
    )


def mark_pictures(path: Path, video: VideoFormat) -> None:
    """Mark the pictures of an MP4 file as `video` is, by the boxes of Google's "Spherical Video V2
    RFC".

    FFmpeg has no option that does it. It copies such marks, but for what it writes of HEVC's stereo
    itself, which it cannot read again.
    """
    marks = _st3d(video.stereo) + _sv3d(video.spherical)
    if not marks and not video.stereo:
        return
    marked = path.with_name(f"marked-{path.name}")
    with path.open("rb") as old, marked.open("wb") as new:
        header = next(box for box in boxes(old) if box.kind == b"moov")
        old.seek(0)
        _copy(old, new, header.at)
        new.write(_marked(old.read(header.size), marks, after=header.at, by=len(marks)))
        shutil.copyfileobj(old, new)
    marked.replace(path)


def _copy(old: BinaryIO, new: BinaryIO, count: int) -> None:
    while count:
        count -= new.write(old.read(min(count, 1 << 20)))


def _marked(box: bytes, marks: bytes | None, *, after: int, by: int) -> bytes:
    """A file's header with `marks` in the description of its pictures, and the places of samples
    that lie `after` it moved by as many bytes as that takes; other tracks are given no marks."""
    kind, body = box[4:8], box[8:]
    if kind in _HOLDERS:
        ours = None if kind == b"trak" and b"vmhd" not in body else marks
        parts = (_marked(part, ours, after=after, by=by) for part in _parts(body))
        return _box(kind, b"".join(parts))
    if kind == b"stsd" and marks is not None:
        entry, *others = _parts(body[8:])
        end = _end_of_boxes(entry)
        head, found = entry[8:_VISUAL_ENTRY], entry[_VISUAL_ENTRY:end]
        # What FFmpeg writes into MOV of stereo, and cannot read again.
        kept = (_box(b"free", p[8:]) if p[4:8] == b"vexu" else p for p in _parts(found))
        marked = _box(entry[4:8], head + b"".join(kept) + marks + entry[end:])
        return _box(kind, body[:8] + marked + b"".join(others))
    if kind in (b"stco", b"co64"):
        form = np.dtype(">u4" if kind == b"stco" else ">u8")
        places = np.frombuffer(body, form, offset=8)
        moved = places + np.where(places > after, by, 0)
        return _box(kind, body[:8] + moved.astype(form).tobytes())
    return box


def _end_of_boxes(entry: bytes) -> int:
    """Where those in a description of pictures end: in MOV four empty bytes follow."""
    at = _VISUAL_ENTRY
    while at + 8 <= len(entry) and (size := int.from_bytes(entry[at : at + 4], "big")) >= 8:
        at += size
    return at


def _parts(body: bytes) -> Iterator[bytes]:
    while body:
        size = struct.unpack(">I", body[:4])[0]
        yield body[:size]
        body = body[size:]


def _box(kind: bytes, body: bytes, *, versioned: bool = False) -> bytes:
    body = bytes(4) + body if versioned else body
    return struct.pack(">I", 8 + len(body)) + kind + body


def _st3d(stereo: str) -> bytes:
    if (mode := _ST3D.get(stereo)) is None:
        return b""
    return _box(b"st3d", bytes([mode]), versioned=True)


def _sv3d(numbers: Sequence[int]) -> bytes:
    if not numbers:
        return b""
    projection, yaw, pitch, roll, left, top, right, bottom, padding = numbers
    if projection == _CUBEMAP:
        shape = _box(b"cbmp", struct.pack(">2I", 0, padding), versioned=True)
    else:
        shape = _box(b"equi", struct.pack(">4I", top, bottom, left, right), versioned=True)
    angles = _box(b"prhd", struct.pack(">3i", yaw, pitch, roll), versioned=True)
    software = _box(b"svhd", b"style_pipeline\0", versioned=True)
    return _box(b"sv3d", software + _box(b"proj", angles + shape))
