"""Open a video that nobody vouches for, and hand out its pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.sidedata.sidedata import SideDataContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream

from pipeline_kit.errors import UnusableInput
from pipeline_kit.machine.cgroup import processors
from style_pipeline.media.limits import MAX_PIXELS, MAX_STREAMS, OPEN_OPTIONS

Picture = npt.NDArray[np.uint8]
"""Planar 8-bit YUV as PyAV lays it out: (3 * height / 2, width) for 4:2:0, (3, height, width) for
4:4:4, which is taken for sizes that 4:2:0 cannot hold."""

MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
"""The YUV matrices that FFmpeg's `AVColorSpace` numbers stand for (ITU-T H.273)."""
UNSPECIFIED = 2

_TOO_LARGE = f"its picture has more than {MAX_PIXELS >> 20} megapixels, or an impossible size"
"""What FFmpeg calls an invalid argument, once it knows the file."""

# The same planes on every machine: swscale's faster paths differ from processor to processor.
EXACT = (
    Interpolation.BICUBIC
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
)


class UnreadableVideo(UnusableInput):
    """The file cannot be stylized as it is."""

    remedy = "export it again and drop it again"


@dataclass(frozen=True, kw_only=True)
class VideoFormat:
    """What the pictures of a video are and how they are shown.

    Colours carry FFmpeg's numbers (ITU-T H.273) as the source tags them, so that the film can be
    tagged alike; `matrix` and `full_range` say how the planes are to be read.
    """

    codec: str
    pixel_format: str
    width: int
    height: int
    time_base: Fraction
    average_rate: Fraction
    sample_aspect_ratio: Fraction
    rotation: int
    """Quarter turns counter-clockwise that bring the picture upright."""
    mirrored: bool
    matrix: str
    full_range: bool
    colorspace: int
    color_primaries: int
    color_trc: int
    start: Fraction
    """Seconds on the source's clock at which the film's clock is 0."""

    @property
    def layout(self) -> str:
        return "yuv444p" if self.width % 2 or self.height % 2 else "yuv420p"

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height in pixels as shown."""
        return (self.height, self.width) if self.rotation % 2 else (self.width, self.height)

    @property
    def upright_shape(self) -> tuple[int, ...]:
        """Shape of the array that holds an upright picture."""
        width, height = self.upright_size
        return (3, height, width) if self.layout == "yuv444p" else (height * 3 // 2, width)

    @property
    def upright_aspect_ratio(self) -> Fraction:
        """Width of a shown pixel over its height."""
        ratio = self.sample_aspect_ratio
        return 1 / ratio if self.rotation % 2 else ratio


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a local file and its first real video stream, ready to decode.

    Whatever FFmpeg finds wrong inside the block is raised as `UnreadableVideo`.
    """
    try:
        with _open(path) as container:
            yield container, _video_stream(container, path)
    except av.FFmpegError as error:
        why = _TOO_LARGE if isinstance(error, av.ArgumentError) else error.strerror
        raise UnreadableVideo(f"{path.name} cannot be decoded: {why}") from error


def _open(path: Path) -> InputContainer:
    try:
        return av.open(str(path), options=OPEN_OPTIONS, metadata_errors="replace")
    except av.ArgumentError as error:  # what FFmpeg knows, but is not to read
        raise UnreadableVideo(f"{path.name} is no video, whatever its name says") from error


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    if len(container.streams) > MAX_STREAMS:
        raise UnreadableVideo(
            f"{path.name} has {len(container.streams)} tracks: at most {MAX_STREAMS} are taken"
        )
    # A cover picture is a video stream to FFmpeg, but nobody's film.
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not streams:
        raise UnreadableVideo(f"{path.name} has no video track")
    video = streams[0]
    decoder = video.codec_context
    if decoder is None:
        raise UnreadableVideo(f"{path.name}: no decoder for its video track")
    video.thread_type = "AUTO"
    video.codec_context.thread_count = processors()
    # Not err_detect=explode: what begins in the middle of a group of pictures (recorded
    # broadcasts, cut phone clips) would fail. Damaged frames come out marked as corrupt.
    decoder.options = {"flags": "+bitexact", "max_pixels": str(MAX_PIXELS)}
    return video


def video_format(container: InputContainer, stream: VideoStream, first: VideoFrame) -> VideoFormat:
    """Describe a video by its container, its stream and its first decoded frame."""
    rgb = is_rgb(first)
    tagged = int(first.colorspace)
    if rgb:
        matrix = "bt709"  # what `picture` converts to
    elif tagged == UNSPECIFIED:
        matrix = "bt709" if first.height >= 720 else "bt601"
    elif tagged in MATRICES:
        matrix = MATRICES[tagged]
    else:
        raise UnreadableVideo(f"its colour matrix (H.273 number {tagged}) is not supported")
    full_range = not rgb and (
        first.color_range == ColorRange.JPEG or first.format.name.startswith("yuvj")
    )
    rotation, mirrored = _orientation(first)
    return VideoFormat(
        codec=stream.codec_context.name,
        pixel_format=first.format.name,
        width=first.width,
        height=first.height,
        time_base=time_base(stream),
        average_rate=Fraction(stream.average_rate or stream.guessed_rate or 25),
        sample_aspect_ratio=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        rotation=rotation,
        mirrored=mirrored,
        matrix=matrix,
        full_range=full_range,
        colorspace=1 if rgb else tagged,
        color_primaries=int(first.color_primaries),
        color_trc=int(first.color_trc),
        start=clock_start(container, stream),
    )


def time_base(stream: Stream) -> Fraction:
    """Seconds that one tick of a stream's timestamps lasts."""
    if stream.time_base is None:
        raise UnreadableVideo(f"track {stream.index} has no time base")
    return stream.time_base


def clock_start(container: InputContainer, stream: VideoStream) -> Fraction:
    """Seconds on the source's clock at which the film's clock is 0.

    A whole number of the stream's ticks, so that every picture's time is exact. Where the source
    starts late (MPEG-TS does) the wait is left out. A negative start is kept for sound, which
    players trim (encoder delay), and never for pictures.
    """
    start = Fraction(container.start_time or 0, av.time_base)
    tick = time_base(stream)
    return start // tick * tick if start > 0 or (stream.start_time or 0) < 0 else Fraction(0)


def _orientation(frame: VideoFrame) -> tuple[int, bool]:
    """Quarter turns counter-clockwise, and whether to mirror before them, to show it upright."""
    try:
        matrix = bytes(cast(SideDataContainer, frame.side_data)["DISPLAYMATRIX"])
    except KeyError:
        return 0, False
    # A row-vector transform in 16.16 fixed point: (x, y) -> (a x + c y, b x + d y), y downwards.
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5] / 65536
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    # A turn that is not by a right angle has no lossless equivalent: FFmpeg rounds it too.
    return round(np.degrees(np.arctan2(-b, a)) / 90) % 4, bool(mirrored)


def is_rgb(frame: VideoFrame) -> bool:
    """Whether a frame holds RGB, also by way of a palette."""
    return frame.format.is_rgb or frame.format.has_palette


def picture(frame: VideoFrame, video: VideoFormat) -> Picture:
    """A decoded frame as 8-bit planes, still as coded (not turned upright)."""
    if (frame.width, frame.height) != (video.width, video.height):
        raise UnreadableVideo(
            f"its picture changes from {video.width}x{video.height} to "
            f"{frame.width}x{frame.height} midway: split it there"
        )
    if frame.format.name not in (video.layout, video.layout.replace("yuv", "yuvj")):
        levels = ColorRange.JPEG if video.full_range else ColorRange.MPEG
        frame = frame.reformat(
            format=video.layout,
            src_color_range=ColorRange.JPEG if is_rgb(frame) else levels,
            dst_color_range=levels,
            dst_colorspace=Colorspace.ITU709 if is_rgb(frame) else None,
            interpolation=EXACT,
        )
    # Rows of a width that FFmpeg pads come as a view.
    return np.ascontiguousarray(cast(Picture, frame.to_ndarray()))


def upright(planes: Picture, video: VideoFormat) -> Picture:
    """Turn a coded picture the way the source asks players to show it."""
    if not video.rotation and not video.mirrored:
        return planes
    turned = [
        np.rot90(np.fliplr(plane) if video.mirrored else plane, video.rotation).ravel()
        for plane in split_planes(planes, width=video.width, height=video.height)
    ]
    return np.concatenate(turned).reshape(video.upright_shape)


def split_planes(planes: Picture, *, width: int, height: int) -> tuple[Picture, Picture, Picture]:
    """The Y, U and V planes of a picture, as views."""
    if planes.ndim == 3:
        return planes[0], planes[1], planes[2]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return planes[:height], chroma[0], chroma[1]
