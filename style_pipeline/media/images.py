"""Pictures of frames for people: PNG images and contact sheets."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.hdr import as_sdr
from style_pipeline.media.pictures import Picture, tagged, upright
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.video_format import VideoFormat


def to_image(planes: Picture, video: VideoFormat) -> Image.Image:
    """An upright picture as an RGB image of the same size, HDR as SDR shows it."""
    planes, video = as_sdr(planes, video)
    return Image.fromarray(tagged(planes, video).to_ndarray(format="rgb24"))


def sample(frames: range, count: int) -> list[int]:
    """At most `count` frames spread evenly over a range, without its very ends."""
    count = min(count, len(frames))
    return [frames[len(frames) * (2 * place + 1) // (2 * count)] for place in range(count)]


def frames_as_images(path: Path, index: FrameIndex, numbers: Iterable[int]) -> list[Image.Image]:
    """Some frames of a video, upright."""
    return [
        to_image(upright(planes, index.video), index.video)
        for number in numbers
        for planes in read_range(path, index, range(number, number + 1))
    ]


CAPTION = 26
"""Pixels below an image for its caption."""


def contact_sheet(
    rows: Sequence[Sequence[Image.Image]],
    *,
    width: int = 1100,
    gap: int = 4,
    captions: Sequence[str] = (),
) -> Image.Image:
    """Images in rows, of which the last may be shorter, scaled so that the sheet is `width` pixels
    wide; each above its caption, where there are `captions`."""
    columns = len(rows[0])
    cell_width = (width - gap * (columns + 1)) // columns
    cell_height = max(1, round(cell_width * rows[0][0].height / rows[0][0].width))
    pitch = cell_height + gap + (CAPTION if captions else 0)
    sheet = Image.new("RGB", (width, pitch * len(rows) + gap), "white")
    draw, told = ImageDraw.Draw(sheet), iter(captions)
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            left, top = gap + x * (cell_width + gap), gap + y * pitch
            sheet.paste(image.resize((cell_width, cell_height)), (left, top))
            if caption := next(told, ""):
                font = ImageFont.load_default(size=17)
                draw.text((left, top + cell_height + 4), caption, fill="black", font=font)
    return sheet
