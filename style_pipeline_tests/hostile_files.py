"""How files are made that nobody should drop."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import av

from style_pipeline_tests.clips import (
    AAC,
    H264,
    NO_B_FRAMES,
    PASSTHROUGH,
    VP9,
    Maker,
    ffmpeg,
    moving,
    plain,
    tone,
)


def content(name: str, make: Callable[[], bytes]) -> Maker:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(make())
        return path

    return write


def png_header(width: int, height: int, *, depth: int = 8) -> bytes:
    """A PNG that promises RGB pixels, and has none."""
    fields = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    end = b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    checksum = struct.pack(">I", zlib.crc32(fields))
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + fields + checksum + end


def image(name: str, codec: str) -> Maker:
    """One picture as a file of its own kind."""
    return plain(name, "-f", "image2", "-update", "1", "-c:v", codec, inputs=moving(frames=1))


def truncated(name: str, *arguments: str) -> Maker:
    def make(folder: Path) -> Path:
        path = plain(name, *arguments, inputs=[*moving(frames=120), *tone(5)])(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * 0.6)])
        return path

    return make


def times(name: str, expression: str, *arguments: str, frames: int = 3) -> Maker:
    """A clip whose frame N is shown at so many milliseconds."""
    timing = ["-vf", f"settb=1/1000,setpts='{expression}'", *PASSTHROUGH]
    return plain(name, *timing, *(arguments or VP9), inputs=moving(frames=frames))


def with_cover_only(folder: Path) -> Path:
    cover, path = image("cover.png", "png")(folder), folder / "song.mp4"
    tracks = ["-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"]
    ffmpeg(*tone(), "-i", cover, *tracks, *AAC, path)
    return path


def without_frames(folder: Path) -> Path:
    path = folder / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return path


def bit_flipped(folder: Path) -> Path:
    path = plain("a.mp4", *H264, inputs=moving("160x120"))(folder)
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(container.streams.video[0]) if p.is_keyframe][1]
        start, size = packet.pos or 0, packet.size
    data = bytearray(path.read_bytes())
    for place in range(start + size // 2, start + size // 2 + 64):
        data[place] ^= 0x5A
    path.write_bytes(data)
    return path


def resized_midway(folder: Path) -> Path:
    path = folder / "a.ts"
    parts = [folder / "1.ts", folder / "2.ts"]
    for second, (part, size) in enumerate(zip(parts, ("64x48", "128x96"), strict=True)):
        ffmpeg(*moving(size), *H264, "-output_ts_offset", str(2 * second), part)
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def repeated_times(folder: Path) -> Path:
    """Two frames at the same time, which FFmpeg's muxers would not write."""
    path = plain("a.mkv", "-c:v", "mpeg4", inputs=moving(rate="10", frames=4))(folder)
    data = path.read_bytes()
    # A SimpleBlock: id, size (8 bytes), track 1, relative time in two bytes.
    first, second = (data.index(b"\x81" + struct.pack(">h", time)) for time in (100, 200))
    path.write_bytes(data[: second + 1] + data[first + 1 : first + 3] + data[second + 3 :])
    return path


def backwards(folder: Path) -> Path:
    whole = plain("whole.ts", *NO_B_FRAMES)(folder)
    later = folder / "later.ts"
    ffmpeg("-i", whole, "-c", "copy", "-output_ts_offset", "5", later)
    path = folder / "a.ts"
    path.write_bytes(later.read_bytes() + whole.read_bytes())
    return path


def many_tracks(count: int) -> Maker:
    maps = ["-map", "1:v", *["-map", "0:a"] * (count - 1)]
    return plain("a.mkv", *maps, *AAC, "-c:v", "mpeg4", inputs=[*tone(0.1), *moving(frames=3)])


def gif(width: int, height: int) -> bytes:
    """A few bytes that stand for a picture of any size."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return (
        b"GIF89a"
        + screen
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + bytes([2, 2, 0x44, 1, 0])
        + b";"
    )


def png_bomb(folder: Path) -> Path:
    """A film of one picture of 128 megapixels in a hundred kilobytes."""
    source = "color=black:size=16000x8000:rate=25,trim=end_frame=1,format=gray"
    return plain("a.mkv", "-c:v", "png", inputs=["-f", "lavfi", "-i", source])(folder)


def endless_png(folder: Path) -> Path:
    """A film of one small picture that says that it is the largest there can be."""
    path = plain("a.mkv", "-c:v", "png", inputs=moving(frames=1))(folder)
    data = path.read_bytes()
    size = data.index(b"IHDR") + 4
    path.write_bytes(data[:size] + struct.pack(">II", 65535, 65535) + data[size + 8 :])
    return path


def header_bomb(unpacked: int) -> Maker:
    """A QuickTime file whose header is packed to a thousandth of its bytes."""

    def make(folder: Path) -> Path:
        packed = zlib.compress(box(b"moov", box(b"free", bytes(unpacked))), 9)
        whole = box(b"cmvd", struct.pack(">I", unpacked + 16), packed)
        path = folder / "a.mov"
        kind = box(b"ftyp", b"qt  ", bytes(4), b"qt  ")
        path.write_bytes(kind + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), whole)))
        return path

    return make


def sample_table_bomb(folder: Path) -> Path:
    """An MP4 of some kilobytes whose tables promise half a million frames of a byte each."""
    path = plain("a.mp4", *NO_B_FRAMES)(folder)
    data = bytearray(path.read_bytes())
    count = 500_000
    for table, entry in (
        (b"stsz", struct.pack(">II", 1, count)),
        (b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        (b"stts", struct.pack(">III", 1, count, 512)),
    ):
        place = data.index(table) + 8
        data[place : place + len(entry)] = entry
    path.write_bytes(data)
    return path


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mp4", bytes(10 << 20))
    return packed.getvalue()


class Payload:
    """What a pickle runs where it is loaded."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        return (open, ("/tmp/a-pickle-was-loaded", "w"))


def external_track(secret: Path, path: Path) -> None:
    """A QuickTime file without pictures of its own, whose track names another file for them."""
    data = secret.read_bytes()
    alias = bytes(10 + 28 + 12 + 64 + 16) + struct.pack(">HH", 1, 1) + bytes(16)
    target = str(secret).encode() + b"\0"
    alias += struct.pack(">HH", 2, len(target)) + target + bytes(len(target) % 2)
    alias += struct.pack(">hH", -1, 0)
    entry = box(b"alis", bytes(4), alias)

    def rebuilt(data: bytes) -> bytes:
        made = b""
        while data:
            size, kind = struct.unpack(">I4s", data[:8])
            inner, data = data[8:size], data[size:]
            if kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
                inner = rebuilt(inner)
            elif kind == b"dref":
                inner = bytes(4) + struct.pack(">I", 1) + entry
            elif kind == b"mdat":
                inner = bytes(len(inner))
            made += box(kind, inner)
        return made

    path.write_bytes(rebuilt(data))


def box(kind: bytes, *contents: bytes) -> bytes:
    """A part of an MP4 file."""
    data = b"".join(contents)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def patched(
    name: str, find: bytes, change: Callable[[bytes], bytes], *arguments: str, offset: int = 0
) -> Maker:
    """An MP4 whose eight bytes at `offset` behind each mark `find` are changed."""

    def make(folder: Path) -> Path:
        path = plain(name, *(arguments or H264))(folder)
        data = bytearray(path.read_bytes())
        place = data.find(find)
        while place >= 0:
            start = place + len(find) + offset
            data[start : start + 8] = change(bytes(data[start : start + 8]))
            place = data.find(find, place + 1)
        path.write_bytes(data)
        return path

    return make
