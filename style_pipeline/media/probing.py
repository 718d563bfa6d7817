"""Describe a video by its container, its stream and its first frame."""

import shlex
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from style_pipeline.media.cut import WHOLE, Cut, Part
from style_pipeline.media.decoding import frame_rate
from style_pipeline.media.facts import NO_CROP, TrackFacts, track_facts
from style_pipeline.media.immersive import spherical, stereo_mode
from style_pipeline.media.pictures import is_gray, is_rgb
from style_pipeline.media.side_data import content_light, mastering_display, side_data
from style_pipeline.media.source import UnreadableVideo, picture_tracks, time_base
from style_pipeline.media.video_format import (
    FIRST_TRACK,
    HLG,
    MATRICES,
    PQ,
    RGB,
    UNSPECIFIED,
    UNSUPPORTED_MATRICES,
    VideoFormat,
)


def video_format(
    container: InputContainer,
    stream: VideoStream,
    first: VideoFrame,
    *,
    cut: Cut = WHOLE,
    **reading: Any,
) -> VideoFormat:
    """Describe a video by its container, its stream and its first decoded frame.

    `cut` is the part that is taken; `reading` are fields that say how it is read.
    """
    rgb, gray = is_rgb(first), is_gray(first)
    tagged = int(first.colorspace)
    left, right, top, bottom = crop = _crop(first, track_facts(container)[stream.index])
    if rgb:
        matrix = "bt709"  # what `picture` converts to
    elif tagged in (RGB, UNSPECIFIED) or gray:
        matrix = "bt709" if first.height >= 720 else "bt601"
    elif tagged in MATRICES:
        matrix = MATRICES[tagged]
    else:
        raise UnreadableVideo(_unsupported(tagged, Path(container.name)))
    full_range = not rgb and (
        first.color_range == ColorRange.JPEG
        or first.format.name.startswith(("yuvj", "mono"))
        or (gray and stream.codec_context.name == "png")
    )
    colorspace = UNSPECIFIED if gray or tagged == RGB else tagged
    rotation, mirrored = _orientation(first)
    is_hdr = int(first.color_trc) in (PQ, HLG) and not (rgb or gray)
    is_first = stream.index == picture_tracks(container)[0].index
    return VideoFormat(
        codec=stream.codec_context.name,
        pixel_format=first.format.name,
        width=first.width - left - right,
        height=first.height - top - bottom,
        time_base=time_base(stream),
        average_rate=frame_rate(stream),
        sample_aspect_ratio=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
        rotation=rotation,
        mirrored=mirrored,
        matrix=matrix,
        full_range=full_range,
        colorspace=1 if rgb else colorspace,
        color_primaries=int(first.color_primaries),
        color_trc=int(first.color_trc),
        start=Part.of(container, stream, cut).start,
        cut_start=cut.start,
        cut_end=cut.end or Fraction(0),
        track=FIRST_TRACK if is_first else stream.index,
        crop=crop,
        depth=10 if is_hdr else 8,
        mastering=mastering_display(first) if is_hdr else "",
        light=content_light(first) if is_hdr else "",
        stereo=stereo_mode(first, stream.metadata),
        spherical=spherical(first),
        **reading,
    )


def _unsupported(matrix: int, path: Path) -> str:
    if matrix not in UNSUPPORTED_MATRICES:
        return f"its color matrix (H.273 number {matrix}) is not supported: export it in BT.709"
    name, conversion = UNSUPPORTED_MATRICES[matrix]
    return (
        f"its color matrix ({name}) is not supported: convert it with ffmpeg -i "
        f"{shlex.quote(path.name)} -vf {conversion} -c:v libx264 -crf 12 -c:a copy converted.mkv"
    )


def _crop(frame: VideoFrame, facts: TrackFacts) -> tuple[int, int, int, int]:
    """What the container cuts off, unless nothing would be left."""
    left, right, top, bottom = facts.crop
    holds = left + right < frame.width and top + bottom < frame.height
    return facts.crop if holds else NO_CROP


def _orientation(frame: VideoFrame) -> tuple[int, bool]:
    """Quarter turns counter-clockwise, and whether to mirror before them, to show it upright."""
    matrix = side_data(frame).get("DISPLAYMATRIX")
    if matrix is None:
        return 0, False
    # A row-vector transform in 16.16 fixed point: (x, y) -> (a x + c y, b x + d y), y downwards.
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5] / 65536
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    # A turn that is not by a right angle has no lossless equivalent: FFmpeg rounds it too.
    return round(np.degrees(np.arctan2(-b, a)) / 90) % 4, bool(mirrored)
