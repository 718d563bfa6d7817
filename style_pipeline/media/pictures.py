"""The pictures of a video as planes."""

from typing import cast

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from style_pipeline.media.source import UnreadableVideo
from style_pipeline.media.video_format import H273_NUMBERS, VideoFormat

Picture = npt.NDArray[np.uint8]
"""Planar YUV as PyAV lays it out: (3 * height / 2, width) for 4:2:0, (3, height, width) for 4:4:4,
which is taken for sizes that 4:2:0 cannot hold. 8-bit; of HDR, uint16."""

# The same planes on every machine: swscale's faster paths differ from processor to processor.
EXACT = (
    Interpolation.BICUBIC
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
)


def is_rgb(frame: VideoFrame) -> bool:
    """Whether a frame holds RGB, also by way of a palette."""
    return frame.format.is_rgb or frame.format.has_palette


def is_gray(frame: VideoFrame) -> bool:
    """Whether a frame holds lightness alone, of which no matrix says anything."""
    return frame.format.name.startswith(("gray", "mono", "ya8", "ya16"))


def picture(frame: VideoFrame, video: VideoFormat) -> Picture:
    """A decoded frame as planes, cropped, still as coded (not turned upright)."""
    left, right, top, bottom = video.crop
    width, height = video.width + left + right, video.height + top + bottom
    if (frame.width, frame.height) != (width, height):
        raise UnreadableVideo(
            f"its picture changes from {width}x{height} to "
            f"{frame.width}x{frame.height} midway: split it there"
        )
    if frame.format.name not in (video.layout, video.layout.replace("yuv", "yuvj")):
        frame = frame.reformat(
            format=video.layout,
            src_color_range=ColorRange.JPEG if is_rgb(frame) else video.color_range,
            dst_color_range=video.color_range,
            dst_colorspace=Colorspace.ITU709 if is_rgb(frame) else None,
            interpolation=EXACT,
        )
    # Rows of a width that FFmpeg pads come as a view.
    planes = np.ascontiguousarray(cast(Picture, frame.to_ndarray()))
    return _cropped(planes, video, width=width, height=height) if any(video.crop) else planes


def tagged(planes: Picture, video: VideoFormat) -> VideoFrame:
    """A picture as a frame of FFmpeg's, which says how it is to be read."""
    frame = VideoFrame.from_ndarray(planes, format=video.layout)
    frame.colorspace, frame.color_range = H273_NUMBERS[video.matrix], video.color_range
    return frame


def _cropped(planes: Picture, video: VideoFormat, *, width: int, height: int) -> Picture:
    left, _, top, _ = video.crop
    parts = []
    for plane in split_planes(planes, width=width, height=height):
        scale = width // plane.shape[1]
        x, y = left // scale, top // scale
        parts.append(plane[y : y + video.height // scale, x : x + video.width // scale].ravel())
    shape = (3, video.height, video.width) if planes.ndim == 3 else (-1, video.width)
    return np.concatenate(parts).reshape(shape)


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
