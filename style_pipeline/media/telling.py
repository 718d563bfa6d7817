"""The one picture that tells most of a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from style_pipeline.media.content_frames import content_frames, frame_at
from style_pipeline.media.sandbox import sandboxed
from style_pipeline.media.still_pictures import is_still_picture, read_still_picture

LONGEST: Final = 960
"""Pixels of the longer side of a video's pictures."""


def telling_picture(file: Path, *, at: float | None = None) -> Image.Image:
    """Of a picture itself, of a video the frame at a time, or the most telling of some.

    Raises `BadPicture`, and `UnreadableVideo`.
    """
    if is_still_picture(file.name):
        return read_still_picture(file)
    if at is not None:
        return sandboxed(frame_at, file, at)
    return most_telling(sandboxed(content_frames, file, 9, longest=LONGEST))


def most_telling(pictures: Sequence[Image.Image]) -> Image.Image:
    """The picture with the most information in its light and dark."""
    return max(pictures, key=lambda picture: picture.convert("L").entropy())
