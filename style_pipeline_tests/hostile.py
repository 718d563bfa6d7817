"""Files that nobody should drop, and what each is to be refused with."""

import io
import pickle
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from style_pipeline.media.frame_index import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
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
from style_pipeline_tests.watching import peak_memory

NO_VIDEO = "is no video, whatever its name says"
UNKNOWN = "cannot be decoded: Invalid data found when processing input"
TOO_LARGE = "its picture has more than 64 megapixels, or an impossible size"
ENDS_EARLY = r"it ends after \d+\.\d of \d+\.\d s: upload the whole file"


def content(name: str, make: Callable[[], bytes]) -> Maker:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(make())
        return path

    return write


def image(name: str, codec: str) -> Maker:
    """One picture as a file of its own kind."""
    return plain(name, "-f", "image2", "-update", "1", "-c:v", codec, inputs=moving(frames=1))


def truncated(name: str, *arguments: str, kept: float = 0.6) -> Maker:
    def make(folder: Path) -> Path:
        path = plain(name, *arguments, inputs=[*moving(frames=120), *tone(5)])(folder)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * kept)])
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


ENCRYPTED = [
    *("-encryption_scheme", "cenc-aes-ctr"),
    *("-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"),
    *("-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"),
]

REFUSED: dict[str, tuple[Maker, str]] = {
    "empty": (content("a.mp4", lambda: b""), UNKNOWN),
    "one_byte": (content("a.mp4", lambda: b"\0"), UNKNOWN),
    "random": (content("a.mp4", lambda: np.random.default_rng(0).bytes(50_000)), UNKNOWN),
    "zeros": (content("a.mp4", lambda: bytes(50_000)), UNKNOWN),
    "text": (content("a.mp4", lambda: b"this is no video\n" * 100), UNKNOWN),
    "html": (content("a.mp4", lambda: b"<html><body>404 Not Found</body></html>"), UNKNOWN),
    "pickle": (content("a.mp4", lambda: pickle.dumps(Payload())), UNKNOWN),
    "zip_bomb": (content("a.mp4", zip_bomb), UNKNOWN),
    "gzip_bomb": (content("a.mp4", lambda: zlib.compress(bytes(10 << 20))), UNKNOWN),
    "nested_boxes": (content("a.mp4", lambda: b"\0\0\0\0moov" * 10_000), UNKNOWN),
    "svg": (
        content(
            "a.mp4", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="a"/></svg>'
        ),
        NO_VIDEO,
    ),
    "png_named_mp4": (image("a.mp4", "png"), NO_VIDEO),
    "jpeg_named_mp4": (image("a.mp4", "mjpeg"), NO_VIDEO),
    "truncated_mp4": (truncated("a.mp4"), "moov atom|Invalid data"),
    "truncated_streaming_mp4": (truncated("a.mp4", "-movflags", "+faststart"), ENDS_EARLY),
    "truncated_mkv": (truncated("a.mkv"), ENDS_EARLY),
    "truncated_webm": (truncated("a.webm", *VP9), ENDS_EARLY),
    "truncated_avi": (truncated("a.avi", "-c:v", "mpeg4"), ENDS_EARLY),
    "bit_flipped": (bit_flipped, "frame .* is damaged"),
    "sound_only": (plain("a.mp4", *AAC, inputs=tone()), "a.mp4 has no video track"),
    "cover_only": (with_cover_only, "song.mp4 has no video track"),
    "no_frames": (without_frames, "a.mkv cannot be decoded: End of file"),
    "no_frames_and_no_header": (plain("a.mp4", *H264, "-frames:v", "0"), "a.mp4 has "),
    "gif_65535x65535": (content("a.gif", lambda: gif(65535, 65535)), TOO_LARGE),
    "gif_16000x16000": (content("a.gif", lambda: gif(16000, 16000)), TOO_LARGE),
    "png_65535x65535": (endless_png, UNKNOWN),
    "png_bomb": (png_bomb, TOO_LARGE),
    "header_bomb": (header_bomb(32 << 20), "a.mov has no video track"),
    "sample_table_bomb": (sample_table_bomb, UNKNOWN),
    "lying_duration": (
        patched("a.mkv", b"\x44\x89\x88", lambda _: struct.pack(">d", 36e6)),
        r"it ends after 1\.0 of 36000\.0 s: upload the whole file",
    ),
    "gap_of_40_days": (
        times("a.mkv", "if(eq(N,2),3456000000,N*40)"),
        r"frame 2 comes 960\.0 h after the one before it: at most 1 h is taken",
    ),
    "days_of_stills": (
        times("a.mkv", "N*3500000", frames=30),
        "it has more than 24 h or 5,000,000 frames: cut it into parts",
    ),
    "100_tracks": (many_tracks(100), "a.mkv has 100 tracks: at most 64 are taken"),
    "resized_midway": (resized_midway, "changes from 64x48 to 128x96 midway: split it there"),
    "encrypted": (
        plain("a.mp4", *H264, *ENCRYPTED),
        "it is encrypted: export it without copy protection",
    ),
    "repeated_times": (
        repeated_times,
        r"frame 2 is not later than the one before it \(PTS 100 after 100\)",
    ),
    "backwards": (backwards, "frame 24 is not later than the one before it"),
    "negative_times_mkv": (
        plain(
            "a.mkv",
            *NO_B_FRAMES,
            *("-output_ts_offset", "-0.4", "-avoid_negative_ts", "disabled"),
        ),
        "frame 0 has no timestamp",
    ),
    "no_known_codec": (patched("a.mp4", b"avc1", lambda _: b"nope....", offset=-4), "no decoder"),
}
"""What cannot be styled: how it is made, and how the reason reads."""

NAMES = {
    "videos/clip.mp4": "it is in no style's folder",
    "videos/mosiac/clip.mp4": "there is no style 'mosiac'",
    "videos/brushwork/concat:good.mp4|good.mp4": r"its name contains '\|': rename it",
    "videos/brushwork/file:good": "its name has no extension",
    "videos/brushwork/up\\..\\good.mp4": r"its name contains '\\\\': rename it",
    "videos/brushwork/a,b.mp4": "its name contains ',': rename it",
    # Escaped and shortened, these two begin alike.
    f"videos/brushwork/{'ü' * 40},1.mp4": "its name contains ',': rename it",
    f"videos/brushwork/{'ü' * 40},2.mp4": "its name contains ',': rename it",
    "videos/brushwork/wait....mp4": r"its name contains '\.\.\.': rename it",
    "videos/brushwork/line\nbreak.mp4": r"its name contains '\\n': rename it",
    "videos/brushwork/turned\u202e4pm.mp4": r"its name contains '\\u202e': rename it",
    "videos/brushwork/ blank.mp4": "its name starts or ends with a blank",
    "videos/brushwork/picture.svg": ".svg is no kind of video",
    "videos/brushwork/playlist.m3u8": ".m3u8 is no kind of video",
    "videos/brushwork/good.mp4.mp4": "its film would have the name of that of .*/good.mp4: rename",
}
"""What is refused by its name, whatever it holds: the object's name, and how the reason reads."""

DISGUISED = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret}\n#EXT-X-ENDLIST\n",
    "hls_file_url": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{secret}\n",
    "hls_remote": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{url}/a.ts\n#EXT-X-ENDLIST\n",
    "hls_key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{url}/key"\n#EXTINF:10,\n{secret}\n',
    "hls_concat": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nconcat:{secret}|{secret}\n",
    "ffconcat": "ffconcat version 1.0\nfile {secret}\n",
    "ffconcat_remote": "ffconcat version 1.0\nfile {url}/a.mp4\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "dash": '<?xml version="1.0"?><MPD><Period><AdaptationSet><Representation><BaseURL>{url}/a.mp4'
    "</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "ffmetadata": ";FFMETADATA1\ntitle={secret}\n",
    "image_sequence": "{secret}%03d",
}
"""Texts that make FFmpeg read other files, or ask other machines, if it may."""

HARMLESS: dict[str, tuple[Maker, int, str]] = {
    "1000_fps": (plain("a.mp4", *H264, inputs=moving(rate="1000", frames=100)), 100, "64x48"),
    "90000_fps": (plain("a.mp4", *H264, inputs=moving(rate="90000", frames=50)), 50, "64x48"),
    "lying_dimensions": (
        patched("a.mp4", b"tkhd", lambda _: struct.pack(">II", 65535 << 16, 1 << 16), offset=76),
        24,
        "64x48",
    ),
    "65535x65535_in_the_header": (
        patched("a.mp4", b"avc1", lambda d: struct.pack(">HH", 65535, 65535) + d[4:], offset=24),
        24,
        "64x48",
    ),
    "one_pixel": (
        plain("a.mkv", "-c:v", "png", inputs=["-f", "lavfi", "-i", "color=size=1x1:duration=0.2"]),
        5,
        "1x1",
    ),
    "long_title": (plain("a.mkv", *H264, "-metadata", f"title={'x' * 100_000}"), 24, "64x48"),
    "lying_duration_mp4": (
        patched("a.mp4", b"mvhd", lambda d: d[:4] + struct.pack(">I", 36_000_000), offset=12),
        24,
        "64x48",
    ),
    "too_short_a_duration": (
        patched("a.mkv", b"\x44\x89\x88", lambda _: struct.pack(">d", 1)),
        24,
        "64x48",
    ),
    "negative_times_mp4": (
        plain("a.mp4", *NO_B_FRAMES, "-output_ts_offset", "-0.4", "-avoid_negative_ts", "disabled"),
        14,
        "64x48",
    ),
}
"""What is odd and can be styled: how it is made, its frames, its size."""


def read_all(folder: Path) -> tuple[int, float, dict[str, str]]:
    """Read all files below a folder as `audio` and `frames` do.

    Returns bytes of memory and CPU seconds taken, and the reasons given.
    """
    reasons = {}
    for path in sorted(path for path in folder.glob("*/*") if path.is_file()):
        for read in (plan_tracks, index_frames):
            try:
                read(path)
            except UnreadableVideo as error:
                reasons[path.parent.name] = str(error)
    return peak_memory(Path("/proc/self")), time.process_time(), reasons
