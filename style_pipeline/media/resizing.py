"""Films of another size than their video."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np
from av.video.frame import VideoFrame

from style_pipeline.media.facts import NO_CROP
from style_pipeline.media.pictures import EXACT, Picture
from style_pipeline.media.video_format import VideoFormat

Size = tuple[int, int]
"""Width and height as shown, in pixels."""
LEAST_SIDE: Final = 16
LARGEST_SIDE: Final = 8192


def size_of(video: VideoFormat, wanted: Size | Fraction) -> Size:
    """Of a film: as wanted, or a share of the video's, in even numbers.

    Raises `ValueError` where a share is too small or too large for this video.
    """
    if isinstance(wanted, tuple):
        return wanted
    width, height = (max(2, round(side * wanted / 2) * 2) for side in video.upright_size)
    if min(width, height) < LEAST_SIDE or max(width, height) > LARGEST_SIDE:
        raise ValueError(
            f'size = "{float(wanted * 100):g}%" would be {width}x{height} pixels: it can be from '
            f"{LEAST_SIDE} to {LARGEST_SIDE} a side"
        )
    return width, height


def resized_format(video: VideoFormat, size: Size | None) -> VideoFormat:
    """Of the same pictures at another size.

    They keep their shape: where that of the size is another, their pixels become wider or
    narrower.
    """
    if size is None or size == video.upright_size:
        return video
    width, height = video.upright_size
    shape = video.upright_aspect_ratio * Fraction(width * size[1], height * size[0])
    # What comes of rounding to whole pixels is no other shape.
    if abs(shape / video.upright_aspect_ratio - 1) < Fraction(2, min(*size, width, height)):
        shape = video.upright_aspect_ratio
    turned = bool(video.rotation % 2)
    return replace(
        video,
        width=size[turned],
        height=size[not turned],
        sample_aspect_ratio=(1 / shape if turned else shape).limit_denominator(10_000),
        crop=NO_CROP,
    )


def resized(
    pictures: Iterable[Picture], video: VideoFormat, film: VideoFormat
) -> Iterator[Picture]:
    """Upright pictures of `video` as those of `film`, the same on every machine."""
    if film.upright_size == video.upright_size:
        yield from pictures
        return
    width, height = film.upright_size
    for planes in pictures:
        frame = VideoFrame.from_ndarray(planes, format=video.layout).reformat(
            width=width,
            height=height,
            format=film.layout,
            src_color_range=video.color_range,
            dst_color_range=video.color_range,
            interpolation=EXACT,
        )
        yield np.ascontiguousarray(frame.to_ndarray())
