"""Short clips of every kind a person may drop, made by ffmpeg."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import split

import av
import imageio_ffmpeg

FRAMES = 24

H264 = split("-c:v libx264 -preset veryfast -bf 2 -g 8 -pix_fmt yuv420p")
NO_B_FRAMES = split("-c:v libx264 -preset veryfast -bf 0 -g 8 -pix_fmt yuv420p")
OPEN_GOP = [*H264, "-x264-params", "open-gop=1:scenecut=0:keyint=8:min-keyint=8:b-adapt=0"]
HEVC = split("-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=8 -tag:v hvc1")
VP9 = split("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 8 -pix_fmt yuv420p")
AAC = split("-c:a aac -b:a 48k")
# Every third frame is left out, and none of the others is where a constant rate would have it.
VFR = "settb=1/90000,setpts='(N*3600+mod(N*N*977,1500))',select='mod(n,3)-1'"
VFR_MS = "settb=1/1000,setpts='(N*40+mod(N*N*7,25))',select='mod(n,3)-1'"
PALETTE = ["-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none"]
PASSTHROUGH = split("-fps_mode passthrough -enc_time_base filter")


def ffmpeg(*arguments: str | Path) -> bytes:
    """Run ffmpeg and return what it writes to stdout."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
    return subprocess.run(
        [*command, *map(str, arguments)], check=True, stdout=subprocess.PIPE
    ).stdout


def moving(size: str = "64x48", rate: str = "25", frames: int = FRAMES) -> list[str]:
    """Input arguments of a moving test picture."""
    duration = f"trim=end_frame={frames}"
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate},{duration}"]


def drifting(size: str = "64x48", frames: int = FRAMES) -> list[str]:
    """Input arguments of soft colors in motion, which half the chroma describes as well."""
    colors = "n=4:c0=0x506080:c1=0xa07050:c2=0x70a080:c3=0x9060a0:seed=3:speed=0.05"
    source = f"gradients=size={size}:rate=25:{colors},trim=end_frame={frames}"
    return ["-f", "lavfi", "-i", source]


def tone(seconds: float = 1, frequency: int = 440, rate: int = 48000) -> list[str]:
    """Input arguments of a tone."""
    source = f"sine=frequency={frequency}:sample_rate={rate}:duration={seconds}"
    return ["-f", "lavfi", "-i", source]


def flat(*colors: str) -> list[str]:
    """Input arguments of one frame of each color."""
    frames = [f"color={color}:size=32x16:rate=25,trim=end_frame=1,format=gbrp" for color in colors]
    graph = ";".join(f"{frame}[{place}]" for place, frame in enumerate(frames))
    joined = "".join(f"[{place}]" for place in range(len(frames)))
    return ["-f", "lavfi", "-i", f"{graph};{joined}concat=n={len(frames)},setpts=N/25/TB"]


def rotated(path: Path, folder: Path, *, turn: int, mirror: str = "") -> Path:
    """The same stream, with a display matrix that asks players to turn or mirror it."""
    output = folder / f"rotated{turn}{mirror}.mp4"
    display = ["-display_rotation", str(turn), *([f"-display_{mirror}"] if mirror else [])]
    ffmpeg(*display, "-i", path, "-c", "copy", output)
    return output


def make_clip(
    path: Path, *arguments: str, frames: int = 12, size: str = "64x48", pitch: int = 440
) -> Path:
    """A small moving clip with sound."""
    inputs = [*moving(size, frames=frames), *tone(frames / 25, pitch)]
    ffmpeg(*inputs, *(arguments or [*H264, *AAC]), path)
    return path


def plain(name: str, *arguments: str, inputs: Sequence[str] | None = None) -> "Maker":
    def make(folder: Path) -> Path:
        output = folder / name
        ffmpeg(*(moving() if inputs is None else inputs), *arguments, output)
        return output

    return make


def turned(turn: int, mirror: str = "", *arguments: str) -> "Maker":
    def make(folder: Path) -> Path:
        return rotated(
            plain("upright.mp4", *H264, *arguments)(folder), folder, turn=turn, mirror=mirror
        )

    return make


def cut(name: str, maker: "Maker", *arguments: str, seek: str) -> "Maker":
    """A part of another clip, copied: it begins between key frames, which an edit list hides."""

    def make(folder: Path) -> Path:
        output = folder / name
        ffmpeg("-ss", seek, "-i", maker(folder), "-c", "copy", "-map", "0", *arguments, output)
        return output

    return make


def joined_midway(folder: Path) -> Path:
    """A broadcast that is tuned in to in the middle of a GOP."""
    whole = plain("whole.ts", *OPEN_GOP)(folder)
    output = folder / "tuned_in.ts"
    data = whole.read_bytes()
    output.write_bytes(data[len(data) // 3 // 188 * 188 :])
    return output


Maker = Callable[[Path], Path]

CLIPS: dict[str, Maker] = {
    "cfr_25": plain("cfr.mp4", *H264),
    "cfr_23.976": plain("film.mp4", *H264, inputs=moving(rate="24000/1001")),
    "cfr_29.97": plain("ntsc.mp4", *H264, inputs=moving(rate="30000/1001")),
    "cfr_50": plain("pal.mp4", *H264, inputs=moving(rate="50")),
    "vfr_mp4": plain("vfr.mp4", "-vf", VFR, *PASSTHROUGH, *H264, "-video_track_timescale", "90000"),
    "vfr_webm": plain("vfr.webm", "-vf", VFR_MS, *PASSTHROUGH, *VP9),
    "one_frame": plain("one.mp4", *H264, inputs=moving(frames=1)),
    "two_frames": plain("two.mp4", *H264, inputs=moving(frames=2)),
    "no_b_frames": plain("p.mp4", *NO_B_FRAMES),
    "non_square_pixels": plain("sar.mp4", *H264, "-vf", "setsar=16/11"),
    "rotated_90": turned(90),
    "rotated_180": turned(180),
    "rotated_270": turned(-90),
    "mirrored": turned(0, "hflip"),
    "mirrored_rotated": turned(90, "hflip"),
    "flipped": turned(0, "vflip"),
    "rotated_non_square": turned(90, "", "-vf", "setsar=16/11"),
    "open_gop": plain("open_gop.mp4", *OPEN_GOP),
    "edit_list": cut("cut.mp4", plain("uncut.mp4", *H264), seek="0.2"),
    "edit_list_open_gop": cut("cut_open.mp4", plain("uncut_open.mp4", *OPEN_GOP), seek="0.45"),
    "mpeg_ts": plain("broadcast.ts", *H264),
    "mpeg_ts_open_gop": plain("open_gop.ts", *OPEN_GOP),
    "mpeg_ts_joined_midway": joined_midway,
    "avi": plain("old.avi", "-c:v", "mpeg4", "-bf", "2", "-g", "8", "-q:v", "4"),
    "avi_h264": plain("h264.avi", *NO_B_FRAMES),
    "avi_ntsc": plain("ntsc.avi", "-c:v", "mpeg4", "-g", "8", inputs=moving(rate="30000/1001")),
    "mkv": plain("clip.mkv", *H264),
    "mov_hevc": plain("phone.mov", *HEVC, "-pix_fmt", "yuv420p"),
    "flv": plain("flash.flv", *H264),
    "mpeg_ps_interlaced": plain(
        "dvd.mpg", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-bf", "2", "-g", "8"
    ),
    "late_start": plain("late.mp4", "-output_ts_offset", "1.5", *H264),
}
"""Clips whose pictures are 8-bit 4:2:0 of an even size: films of them can be compared exactly."""

CONVERTED: dict[str, Maker] = {
    "odd_size": plain("odd.mp4", *H264[:-1], "yuv444p", inputs=drifting("853x481", frames=5)),
    "odd_size_webm": plain("odd.webm", *VP9, inputs=drifting("85x49")),
    "ten_bit": plain("ten.mp4", *H264[:-1], "yuv420p10le", inputs=drifting()),
    "ten_bit_hevc": plain("ten.mov", *HEVC, "-pix_fmt", "yuv422p10le", inputs=drifting()),
    "gif": plain("loop.gif", *PALETTE, inputs=drifting()),
    "full_range_jpeg": plain(
        "camera.avi", "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p", inputs=drifting()
    ),
    "rgb": plain("screen.mkv", "-c:v", "libx264rgb", "-g", "8", "-bf", "2", inputs=drifting()),
    "palette": plain("palette.mkv", "-c:v", "png", *PALETTE, inputs=drifting()),
    "gray": plain("gray.mkv", "-c:v", "ffv1", "-pix_fmt", "gray", inputs=drifting()),
}
"""Clips whose pictures must change their layout on the way."""


SRT = "1\n00:00:00,200 --> 00:00:00,600\nGood morning.\n\n2\n00:00:00,700 --> 00:00:00,900\nBye.\n"
METADATA = """;FFMETADATA1
title=The film
artist=Somebody
[CHAPTER]
TIMEBASE=1/1000
START=0
END=400
title=Dawn
[CHAPTER]
TIMEBASE=1/1000
START=400
END=960
title=Dusk
"""


def with_everything(name: str, *arguments: str, subtitles: str) -> Maker:
    """A clip with two languages, subtitles, chapters and a title."""

    def make(folder: Path) -> Path:
        (folder / "text.srt").write_text(SRT)
        (folder / "metadata.txt").write_text(METADATA)
        output = folder / name
        inputs = [*moving(), *tone(), *tone(frequency=880), "-i", str(folder / "text.srt")]
        tracks = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", "-map_metadata", "4"]
        languages = ["eng", "ita", "spa"]
        for place, language in zip(("a:0", "a:1", "s:0"), languages, strict=True):
            tracks += [f"-metadata:s:{place}", f"language={language}"]
        tracks += ["-metadata:s:a:1", "title=Commentary", "-disposition:a:1", "comment"]
        tracks += ["-metadata:s:v", "language=swe"]
        metadata = ["-i", str(folder / "metadata.txt")]
        ffmpeg(*inputs, *metadata, *tracks, *arguments, "-c:s", subtitles, output)
        return output

    return make


def with_bitmap_subtitles(name: str) -> Maker:
    """A clip with a subtitle track as on DVDs, which holds pictures of text."""

    def make(folder: Path) -> Path:
        output = folder / name
        with (
            av.open(str(plain("silent.mp4", *H264)(folder))) as source,
            av.open(str(output), "w") as container,
        ):
            pictures = source.streams.video[0]
            video = container.add_stream_from_template(pictures)
            texts = container.add_stream("dvdsub")
            texts.codec_context.extradata = b"palette: " + b", ".join([b"000000"] * 16) + b"\n"
            for packet in source.demux(pictures):
                if packet.size:
                    packet.stream = video
                    container.mux(packet)
            text = av.Packet(b"\0\4\0\4")
            text.stream, text.pts, text.dts = texts, 0, 0
            container.mux(text)
        return output

    return make
