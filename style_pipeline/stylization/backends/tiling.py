"""Stylize a picture in parts that look as if it had been stylized whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from math import ceil, sqrt
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.backends.network import OfWholePicture
from style_pipeline.stylization.backends.planes import join, split

SMALLEST: Final = 4
"""Margins that a tile's side measures at least; in smaller ones most of the work is overlap."""


@dataclass(frozen=True)
class Span:
    """Pixels along one side: ``first`` to ``last`` are stylized, ``start`` to ``stop`` kept."""

    first: int
    start: int
    stop: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first


Tile = tuple[Span, Span]
"""Rows and columns."""


def smallest_tile(margin: int) -> int:
    """Pixels of the smallest tile worth stylizing."""
    return (SMALLEST * margin) ** 2


def tiles(height: int, width: int, *, most_pixels: int, margin: int, step: int) -> list[Tile]:
    """Tiles of one size that together keep every pixel once.

    Each has at most ``most_pixels``, which must be the `smallest_tile` or more, starts at multiples
    of ``step`` and is stylized ``margin`` pixels or more, a multiple of ``step``, beyond what is
    kept, save at the borders of the picture.
    """
    rows = columns = 1
    while True:
        down = _spans(height, rows, margin=margin, step=step)
        across = _spans(width, columns, margin=margin, step=step)
        longest = [max(span.length for span in spans) for spans in (down, across)]
        if longest[0] * longest[1] <= most_pixels:
            return list(product(down, across))
        if longest[0] > longest[1]:
            rows += 1
        else:
            columns += 1


def _spans(side: int, parts: int, *, margin: int, step: int) -> list[Span]:
    # All of the same length, save for what the network is extended by: memory that is freed after
    # one tile then suits the next. With tiles of two lengths it came to twice as much.
    shared = 2 * margin * (parts - 1)
    length = max(ceil((side + shared) / parts / step), 2 * margin // step + 1) * step
    final = max(ceil((side - length) / step) * step, 0)
    spans: list[Span] = []
    start = 0
    while start < side:
        first = min(max(start - margin, 0), final)
        stop = side if first == final else first + length - margin
        spans.append(Span(first, start, stop, min(first + length, side)))
        start = stop
    return spans


def stylize_tiles(
    stylize: Callable[[Tensor], Tensor], planes: Tensor, layout: list[Tile]
) -> Tensor:
    """Planes (see `planes`) made of those that ``stylize`` makes of each tile's, as large."""
    whole = torch.empty_like(planes, memory_format=torch.contiguous_format)
    for rows, columns in layout:
        tile = stylize(join(*_window(planes, rows.first, rows.last, columns.first, columns.last)))
        kept = _window(whole, rows.start, rows.stop, columns.start, columns.stop)
        made = _window(
            tile,
            rows.start - rows.first,
            rows.stop - rows.first,
            columns.start - columns.first,
            columns.stop - columns.first,
        )
        for target, part in zip(kept, made, strict=True):
            target.copy_(part)
    return whole


def _window(planes: Tensor, top: int, bottom: int, left: int, right: int) -> tuple[Tensor, Tensor]:
    """Views of the luma and the chroma between pixels of even coordinates."""
    luma, chroma = split(planes)
    scale = luma.shape[-1] // chroma.shape[-1]
    return (
        luma[..., top:bottom, left:right],
        chroma[..., top // scale : bottom // scale, left // scale : right // scale],
    )


def thumbnail(planes: Tensor, *, most_pixels: int, step: int) -> Tensor:
    """The whole picture, in float planes with full chroma, shrunk to at most ``most_pixels``.

    Its sides are multiples of ``step``.
    """
    luma, chroma = split(planes)
    height, width = luma.shape[-2:]
    scale = min(1.0, sqrt(most_pixels / (height * width)))
    size = [max(int(side * scale) // step, 1) * step for side in (height, width)]
    return join(*(F.interpolate(part.float(), size, mode="area") for part in (luma, chroma)))


@contextmanager
def statistics_of(network: nn.Module, picture: Tensor, style: Tensor) -> Iterator[None]:
    """Inside, what depends on all of a picture uses the statistics of that one.

    With those of the whole picture's thumbnail, its tiles match: thumbnail instance normalization
    (Chen et al. 2022, "Towards Ultra-Resolution Neural Style Transfer via Thumbnail Instance
    Normalization").
    """
    modules = [module for module in network.modules() if isinstance(module, OfWholePicture)]
    hooks = [module.register_forward_pre_hook(_record) for module in modules]
    try:
        network(picture, style)
        yield
    finally:
        for hook in hooks:
            hook.remove()
        for module in modules:
            module.statistics = None


def _record(module: OfWholePicture, inputs: tuple[Tensor, ...]) -> None:
    if module.statistics is None:  # in float32, as the variance may be beyond half precision
        variance, mean = torch.var_mean(inputs[0].float(), dim=(0, 2, 3), correction=0)
        module.statistics = mean, variance
