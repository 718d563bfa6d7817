"""Files that nobody should drop, and what each is to be refused with."""

import pickle
import struct
import time
import zlib
from pathlib import Path

import numpy as np

from style_pipeline.media.indexing import index_frames
from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.tracks import plan_tracks
from style_pipeline_tests.clips import (
    AAC,
    H264,
    NO_B_FRAMES,
    VP9,
    Maker,
    moving,
    plain,
    tone,
)
from style_pipeline_tests.hostile_files import (
    Payload,
    backwards,
    bit_flipped,
    content,
    endless_png,
    gif,
    header_bomb,
    image,
    many_tracks,
    patched,
    png_bomb,
    repeated_times,
    resized_midway,
    sample_table_bomb,
    times,
    truncated,
    with_cover_only,
    without_frames,
    zip_bomb,
)
from style_pipeline_tests.watching import peak_memory

NO_VIDEO = "is no video in a container that is taken"
UNKNOWN = "cannot be decoded: Invalid data found when processing input"
TOO_LARGE = "its picture has over 64 megapixels, an impossible size, or "
ENDS_EARLY = r"it ends after \d+\.\d of \d+\.\d s: upload the whole file"


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
    "truncated_mp4": (truncated("a.mp4"), "ends before its header"),
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
