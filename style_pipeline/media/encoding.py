"""How films are encoded: codecs, and the options of their encoders."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import av
import numpy as np
from av.codec import Codec
from av.codec.codec import UnknownCodecError
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.cgroup import processors
from pipeline_kit.machine.scheduling import scheduling_kept
from style_pipeline.media.immersive import FRAME_PACKING
from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat

ENCODERS: Final = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1"}
"""FFmpeg's names."""
SVT_PRESETS: Final = {
    **{"ultrafast": 9, "superfast": 9, "veryfast": 8, "faster": 8, "fast": 7, "medium": 6},
    **{"slow": 5, "slower": 4, "veryslow": 2},
}
"""SVT-AV1's, by x264's; it says of those from 10 on that pictures may suffer visibly."""
HDR_CODECS: Final = ("hevc", "av1")


class CannotEncode(PermanentError):
    """This film cannot be encoded as is asked for."""


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """How films are encoded; one film's chunks must all use the same."""

    preset: str = "superfast"
    """One of x264's."""
    crf: int = 16
    """Constant rate factor, of x264's 51: 0 is lossless, 16 looks it, 22 halves the size."""
    codec: str = "h264"
    bits: int = 8
    """Of a sample, 8 or 10; HDR has 10."""

    def options(self, video: VideoFormat) -> dict[str, str]:
        """Those of FFmpeg's encoder."""
        quality = {"preset": self.preset, "crf": str(self.crf)}
        match self.codec:
            case "h264":
                params = self._x264(video)
                return quality | ({"x264-params": ":".join(params)} if params else {})
            case "hevc":
                return quality | {"x265-params": ":".join(self._x265(video))}
            case _:
                return {
                    "preset": str(SVT_PRESETS[self.preset]),
                    "crf": str(max(1, round(self.crf * 63 / 51))),
                    "svtav1-params": ":".join(self._svt(video)),
                }

    def _x264(self, video: VideoFormat) -> list[str]:
        params = [f"{video.fields}=1"] if video.fields else []
        if (packing := FRAME_PACKING.get(video.stereo)) is not None:
            params.append(f"frame-packing={packing}")
        return params

    def _x265(self, video: VideoFormat) -> list[str]:
        # Segments are joined: none may refer to another, and all must have the same header.
        params = ["log-level=error", "open-gop=0", "info=0", f"pools={processors()}"]
        if self.crf == 0:
            params.append("lossless=1")
        if video.hdr:
            params += ["repeat-headers=1", "hdr10=1"] if video.mastering or video.light else []
            params += [f"master-display={video.mastering}"] if video.mastering else []
            params += [f"max-cll={video.light}"] if video.light else []
        return params

    def _svt(self, video: VideoFormat) -> list[str]:
        params = [f"lp={min(processors(), 6)}"]
        if self.crf == 0:
            params.append("lossless=1")
        if video.hdr:
            params += [f"mastering-display={_svt_mastering(video)}"] if video.mastering else []
            params += [f"content-light={video.light}"] if video.light else []
        return params

    def layout(self, video: VideoFormat) -> str:
        """Of the encoder's pictures."""
        subsampled = "yuv444p" if video.is_odd else "yuv420p"
        return f"{subsampled}10le" if video.hdr or self.bits > 8 else subsampled


def _svt_mastering(video: VideoFormat) -> str:
    """The same numbers as x265's, as fractions of 1 and in cd/m2."""
    parts = video.mastering.replace("(", " ").replace(")", " ").split()
    made = ""
    for name, numbers in zip(parts[::2], parts[1::2], strict=True):
        unit = 10_000 if name == "L" else 50_000
        made += "{}({:.4f},{:.4f})".format(name, *(int(n) / unit for n in numbers.split(",")))
    return made


def missing_encoder(codec: str) -> str:
    """Why films cannot be encoded with that codec here, or nothing where they can."""
    try:
        Codec(ENCODERS[codec], "w")
    except (av.FFmpegError, UnknownCodecError):
        return f"PyAV {av.__version__} has no {ENCODERS[codec]}"
    return ""


def check_encoder(encoder: Encoder, video: VideoFormat, *, container: str = "mp4") -> None:
    """Encode one gray picture like those of the film, into its container. Raises `CannotEncode`."""
    if missing := missing_encoder(encoder.codec):
        raise CannotEncode(f'codec = "{encoder.codec}": {missing}: choose another codec')
    if video.hdr and encoder.codec not in HDR_CODECS:
        codecs = " or ".join(f'codec = "{codec}"' for codec in HDR_CODECS)
        raise CannotEncode(f'hdr = "keep" needs {codecs}, not "{encoder.codec}"')
    container = container or "mp4"
    other = "h264" if encoder.codec != "h264" else "hevc"
    packets: list[Packet[VideoStream]] = []
    gray = np.full(video.upright_shape, 1 << 7, np.uint16 if video.hdr else np.uint8)
    try:
        with av.open(io.BytesIO(), "w", format=container) as output:
            stream = add_video_stream(output, video, encoder, gop=1)
            frame = as_frame(gray, video, encoder)
            frame.pts, frame.time_base = 0, video.time_base
            packets = [*stream.encode(frame), *stream.encode(None)]
            output.mux(packets)
    except (av.FFmpegError, ValueError) as error:
        size = "{}x{}".format(*video.upright_size)
        why = (
            f"the film is in {container}, which the source's audio needs and which does not hold it"
            if packets
            else f"it cannot encode {size} pixels in {encoder.layout(video)} ({error})"
        )
        raise CannotEncode(
            f'codec = "{encoder.codec}" ({ENCODERS[encoder.codec]}): {why}: choose another codec, '
            f'such as "{other}"'
        ) from error


def as_frame(planes: Picture, video: VideoFormat, encoder: Encoder) -> VideoFrame:
    """An upright picture as the encoder takes it."""
    frame = VideoFrame.from_ndarray(planes, format=video.layout)
    layout = encoder.layout(video)
    if layout == video.layout:
        return frame
    levels = video.color_range
    return frame.reformat(format=layout, src_color_range=levels, dst_color_range=levels)


def add_video_stream(
    container: OutputContainer, video: VideoFormat, encoder: Encoder, *, gop: int
) -> VideoStream:
    """A stream of upright pictures, tagged as the source is."""
    os.environ.setdefault("SVT_LOG", "1")  # else SVT-AV1 introduces itself for each segment
    stream = cast(
        VideoStream,
        container.add_stream(
            ENCODERS[encoder.codec],
            rate=Fraction(video.average_rate),
            options=encoder.options(video),
        ),
    )
    stream.time_base = video.time_base
    context = stream.codec_context
    context.thread_count = processors()
    context.time_base = video.time_base
    context.width, context.height = video.upright_size
    context.pix_fmt = encoder.layout(video)
    context.gop_size = gop
    context.sample_aspect_ratio = video.upright_aspect_ratio
    context.color_range = video.color_range
    context.colorspace = video.colorspace
    context.color_primaries = video.color_primaries
    context.color_trc = video.color_trc
    with scheduling_kept():
        context.open()
    return stream
