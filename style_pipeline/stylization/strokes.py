"""Larger strokes: a picture is stylized at a smaller size and enlarged again.

Strokes have the size in pixels that a network learned. Enlarging softens edges; here they are
sharpened again within the range of the pixels around them, so that no rims appear.
"""

import math
from typing import Final

import av
import numpy as np
from av.video.reformatter import Interpolation

from style_pipeline.stylization.architecture import MIN_SIDE
from style_pipeline.stylization.color import Picture, luma_of

REFERENCE: Final = 480
"""Pixels of a film's shorter side up to which strokes keep their size in pixels."""
SHARPENING: Final = 2.0
"""Of what enlarging blurred, how much is added again."""

Size = tuple[int, int]


def usual_reduction(size: Size) -> float:
    """How much smaller a film of a size (W, H) is stylized where nobody says otherwise.

    Strokes of as many pixels in every film would be grain in a large one, and strokes that grow as
    films do would blur its details. What lies between was preferred, see docs/quality.md.
    """
    return math.sqrt(max(1.0, min(size) / REFERENCE))


def reduction(size: Size, strokes: float) -> float:
    """How much smaller a film of a size (W, H) is stylized, for strokes so many times as large as
    its size gives.

    Raises:
        ValueError: it would be smaller than what a network can take, or larger than the film.
    """
    usual = usual_reduction(size)
    factor = strokes * usual
    largest = max(min(size) / MIN_SIDE, 1)
    if not 1 <= factor <= largest:
        least = math.ceil(100 / usual) / 100
        most = math.floor(100 * largest / usual) / 100
        raise ValueError(
            f"strokes = {strokes:g}: for {size[0]}x{size[1]} pixels they can be from {least:g} to "
            f"{most:g}"
        )
    return factor


def reduced_size(size: Size, factor: float) -> Size:
    """Sides are even where both of `size` are, so that pictures keep their layout."""
    odd = bool(size[0] % 2 or size[1] % 2)

    def side(pixels: int) -> int:
        return max(round((pixels / factor - odd) / 2) * 2 + odd, 1 + (not odd))

    return side(size[0]), side(size[1])


def reduced(picture: Picture, size: Size) -> Picture:
    """A picture at a smaller size (W, H), without aliasing."""
    return _scaled(picture, size, Interpolation.AREA)


def enlarged(picture: Picture, size: Size) -> Picture:
    """A picture at a larger size (W, H), with edges as sharp as the size allows."""
    large = _scaled(picture, size, Interpolation.BICUBIC)
    luma = luma_of(large)
    around = np.stack(_neighbors(luma_of(picture)))
    blurred, darkest, brightest = (
        _scaled(plane, size, Interpolation.BILINEAR, layout="gray")
        for plane in (around.mean(0).round().astype(np.uint8), around.min(0), around.max(0))
    )
    sharp = luma + SHARPENING * (luma.astype(np.float32) - blurred)
    luma[:] = np.clip(np.rint(sharp), darkest, brightest)
    return large


def _neighbors(plane: Picture) -> list[Picture]:
    """The plane moved by up to a pixel in each direction."""
    height, width = plane.shape
    padded = np.pad(plane, 1, mode="edge")
    return [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]


def _scaled(
    picture: Picture, size: Size, interpolation: Interpolation, *, layout: str = ""
) -> Picture:
    """A picture, or of the `layout` gray a plane, at another size (W, H)."""
    layout = layout or ("yuv444p" if picture.ndim == 3 else "yuv420p")
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=layout)
    scaled = frame.reformat(*size, interpolation=interpolation).to_ndarray()
    return scaled.astype(np.uint8, copy=False)
