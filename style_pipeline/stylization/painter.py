"""Paint one picture of any size within the memory there is."""

from collections.abc import Callable
from math import lcm
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.color import Color, split
from style_pipeline.stylization.footprint import footprint
from style_pipeline.stylization.memory import painting_budget
from style_pipeline.stylization.tiling import (
    paint_tiles,
    smallest_tile,
    statistics_of,
    thumbnail,
    tiles,
)

MIN_SIDE: Final = 16
"""Pixels: networks mirror the picture at its borders and need something to mirror."""

Finish = Callable[[Tensor, Tensor], Tensor]
"""The planes to show, of those of the source and those that are painted."""


class Painter:
    """A network on its device, in the precision and memory format that suit it.

    Pictures of more than ``max_pixels`` are painted in tiles; where memory runs out all the same,
    ``max_pixels`` is halved for good, so that the pictures of a film do not alternate.
    """

    def __init__(self, network: nn.Module, device: torch.device, max_pixels: int | None) -> None:
        if max_pixels is not None and max_pixels < 1:
            raise ValueError(f"{max_pixels = } must be at least 1, or None for what fits memory.")
        self.device = device
        self.dtype = torch.float16 if device.type == "cuda" else torch.float32
        self.network = network.to(device, self.dtype).eval()
        self.network.to(memory_format=torch.channels_last)
        self.stride: int = getattr(network, "stride", 1)
        needs = footprint(network, stride=self.stride)
        self._step = lcm(self.stride, 2)  # tiles must not cut through a pixel of halved chroma
        self._margin = -(-needs.radius // self._step) * self._step
        self._smallest = smallest_tile(self._margin)
        if max_pixels is None:
            max_pixels = painting_budget(device) // needs.bytes_per_pixel(self.dtype)
        self.max_pixels = max(max_pixels, self._smallest)

    @torch.inference_mode()
    def paint(self, planes: Tensor, color: Color, finish: Finish) -> Tensor:
        """Painted planes of one picture's planes (see `color`).

        Raises `torch.OutOfMemoryError` where not even the smallest tiles fit into memory.
        """
        while True:
            try:
                return self._paint(planes, color, finish)
            except torch.OutOfMemoryError as error:
                pixels = min(self.max_pixels, split(planes)[0].numel())
                if pixels <= self._smallest:
                    raise torch.OutOfMemoryError(
                        f"not even {pixels} pixels at a time fit into the free memory of "
                        f"{self.device}: use a larger one, or leave more of it free ({error})."
                    ) from error
            # Out of the except block, where the error still held what was being computed.
            self.max_pixels = max(pixels // 2, self._smallest)
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _paint(self, planes: Tensor, color: Color, finish: Finish) -> Tensor:
        height, width = split(planes)[0].shape[-2:]

        def paint(part: Tensor) -> Tensor:
            rgb = self._apply(self._rgb(part, color))
            return finish(part, color.from_rgb(rgb, subsampled=part.ndim == 3))

        if height * width <= self.max_pixels:
            return paint(planes)
        layout = tiles(
            height, width, most_pixels=self.max_pixels, margin=self._margin, step=self._step
        )
        whole = thumbnail(planes, most_pixels=self.max_pixels, step=self._step)
        with statistics_of(self.network, self._rgb(whole, color)):
            return paint_tiles(paint, planes, layout)

    def _rgb(self, planes: Tensor, color: Color) -> Tensor:
        return color.to_rgb(planes).to(self.dtype, memory_format=torch.channels_last)

    def _apply(self, rgb: Tensor) -> Tensor:
        """The network on any size: extended by its mirror image, and cropped back."""
        height, width = rgb.shape[-2:]
        down, right = self._missing(height), self._missing(width)
        mode = "reflect" if right < width and down < height else "replicate"
        styled: Tensor = self.network(F.pad(rgb, (0, right, 0, down), mode=mode))
        return styled[..., :height, :width]

    def _missing(self, side: int) -> int:
        """Pixels from a side's length to the next that the network can take."""
        return -(-max(side, MIN_SIDE) // self.stride) * self.stride - side
