"""One picture in many styles, before a film is made."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from style_pipeline.media.images import contact_sheet
from style_pipeline.stylization.color import Picture
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import StyleModel
from style_pipeline.stylization.strokes import usual_reduction

MATRIX: Final = "bt709"
CELL: Final = 480
GAP: Final = 6
LONGEST: Final = 2 * CELL
"""Pixels of the pictures' longer side."""
STRENGTHS: Final = (0.25, 0.5, 0.75, 1.0)
"""Of a single style."""
MOST_ENGINES: Final = 10
MOST_PIXELS: Final = 13_000_000
"""Of engines that are kept, the latest: each holds the memory of pictures of one size, 150 MB for a
megapixel and 0.7 GB for 13. One picture may be larger."""


class Preview:
    """Stylizes single pictures; bodies are loaded once for each size of late, on ``device``."""

    def __init__(self, *, device: str = "auto") -> None:
        self.device = device
        self._engines: dict[tuple[str, tuple[int, int]], Engine] = {}

    def stylize(
        self,
        picture: Image.Image,
        model: StyleModel,
        *,
        strength: float = 1.0,
        preserve_colors: bool = False,
        reduction: float | None = None,
    ) -> Image.Image:
        """An RGB image of any size, to one of that size and with its color profile. Without a
        ``reduction``, see `strokes`, its strokes are as large as those of a film of that size."""
        # 4:4:4 is taken where a side is odd: a still picture keeps all of its color.
        width, height = picture.width, picture.height | 1
        extended = Image.new("RGB", (width, height))
        extended.paste(
            picture.crop((0, picture.height - 1, width, picture.height)), (0, height - 1)
        )
        extended.paste(picture)
        (planes,) = self._engine(model, (width, height)).style(
            [_to_planes(extended)],
            model.network.style,
            size=(width, height),
            matrix=MATRIX,
            full_range=True,
            strength=strength,
            preserve_colors=preserve_colors,
            reduction=reduction or usual_reduction(picture.size),
        )
        stylized = _to_rgb(planes).crop((0, 0, width, picture.height))
        stylized.info = dict(picture.info)
        return stylized

    def _engine(self, model: StyleModel, size: tuple[int, int]) -> Engine:
        key = model.body, size
        engine = self._engines.pop(key, None)
        # Room is made before it is taken.
        while self._engines and not self._has_room(size):
            del self._engines[next(iter(self._engines))]
        engine = engine or Engine.load(model.network, device=self.device)
        self._engines[key] = engine  # the latest is the last
        return engine

    def _has_room(self, size: tuple[int, int]) -> bool:
        pixels = sum(map(math.prod, (size, *(kept for _, kept in self._engines))))
        return len(self._engines) < MOST_ENGINES and pixels <= MOST_PIXELS


def preview_sheet(
    picture: Image.Image,
    models: Mapping[str, StyleModel],
    *,
    caption: str,
    strengths: Sequence[float],
    preserve_colors: bool,
) -> Image.Image:
    """The picture, and what becomes of it in each style at each strength."""
    picture.thumbnail((LONGEST, LONGEST))
    preview, shown = Preview(), {caption: picture}
    for style, model in models.items():
        for strength in strengths:
            below = style if len(strengths) == 1 else f"{style}, strength {strength:g}"
            shown[below] = preview.stylize(
                picture, model, strength=strength, preserve_colors=preserve_colors
            )
    return captioned_sheet(shown)


def captioned_sheet(pictures: Mapping[str, Image.Image]) -> Image.Image:
    """Pictures of one size in rows, each `CELL` pixels wide and above its caption."""
    first = next(iter(pictures.values()))
    height = max(1, round(CELL * first.height / first.width))
    cells = [each.resize((CELL, height), Image.Resampling.LANCZOS) for each in pictures.values()]
    columns = max(1, min(4, math.ceil(math.sqrt(len(cells)))))
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    width = columns * (CELL + GAP) + GAP
    return contact_sheet(rows, width=width, gap=GAP, captions=list(pictures))


def _to_planes(picture: Image.Image) -> Picture:
    frame = VideoFrame.from_ndarray(np.asarray(picture), format="rgb24").reformat(
        format="yuv444p",
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
    )
    return np.ascontiguousarray(frame.to_ndarray())


def _to_rgb(planes: Picture) -> Image.Image:
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv444p")
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.JPEG
    return Image.fromarray(frame.to_ndarray(format="rgb24"))
