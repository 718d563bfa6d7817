"""Paint pictures of any size within the memory there is."""

import time
from collections.abc import Callable
from math import lcm
from threading import Lock
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.color import Color, split
from style_pipeline.stylization.footprint import footprint
from style_pipeline.stylization.graphed import GraphedNetwork
from style_pipeline.stylization.memory import is_out_of_memory, painting_budget
from style_pipeline.stylization.network import PaintingNetwork, fold_upsampling
from style_pipeline.stylization.tiling import (
    paint_tiles,
    smallest_tile,
    statistics_of,
    thumbnail,
    tiles,
)

MIN_SIDE: Final = 16
"""Pixels: networks mirror the picture at its borders and need something to mirror."""

PICTURES_ON_GPU: Final = 3
"""At once: one on its way there, one that is painted, one on its way back."""

Picture = npt.NDArray[np.uint8]
Finish = Callable[[Tensor, Tensor], Tensor]
"""The planes to show, of those of the source and those that are painted."""


class WholePainter(Protocol):
    """Paints whole pictures of one size, as many at once as it was made for."""

    @property
    def busy_seconds(self) -> float: ...

    def paint(self, picture: Picture) -> Picture: ...


class Painter:
    """A network on its device, in the precision and memory format that suit it.

    Whole pictures are painted by what is compiled for their size: an OpenVINO graph on CPUs, a CUDA
    graph on GPUs. Pictures of more than ``max_pixels`` are painted in tiles; where memory runs out
    all the same, ``max_pixels`` is halved for good, so that the pictures of a film do not
    alternate.
    """

    def __init__(
        self, network: nn.Module, device: torch.device, max_pixels: int | None, *, threads: int
    ) -> None:
        if max_pixels is not None and max_pixels < 1:
            raise ValueError(f"{max_pixels = } must be at least 1, or None for what fits memory.")
        self.device = device
        self.dtype = torch.float16 if device.type == "cuda" else torch.float32
        fold_upsampling(network)
        self.network = network.to(device, self.dtype).eval()
        self.network.to(memory_format=torch.channels_last)
        self.stride: int = getattr(network, "stride", 1)
        needs = footprint(network, stride=self.stride)
        self._step = lcm(self.stride, 2)  # tiles must not cut through a pixel of halved chroma
        self._margin = -(-needs.radius // self._step) * self._step
        self._smallest = smallest_tile(self._margin)
        self._threads = threads
        self._lock = Lock()  # tiles change the network while they are painted
        self._seconds = 0.0
        self._compiled: list[WholePainter] = []
        if max_pixels is None:
            max_pixels = painting_budget(device) // needs.bytes_per_pixel(self.dtype)
        self.max_pixels = max(max_pixels, self._smallest)

    @property
    def busy_seconds(self) -> float:
        """For which the network has been at work."""
        return self._seconds + sum(whole.busy_seconds for whole in self._compiled)

    def prepare(
        self, size: tuple[int, int], color: Color, finish: Finish
    ) -> tuple[Callable[[Picture], Picture], int]:
        """What paints pictures of one size (W, H), and how many it can paint at once, each called
        from a thread of its own.

        It raises `torch.OutOfMemoryError` where not even the smallest tiles fit into memory.
        """
        whole, at_once = self._compile(size, color)
        if whole is not None:
            self._compiled.append(whole)

        def paint(picture: Picture) -> Picture:
            planes = torch.from_numpy(picture)[None]
            if whole is not None and size[0] * size[1] <= self.max_pixels:
                try:
                    painted = torch.from_numpy(whole.paint(picture))[None]
                    return finish(planes, painted)[0].numpy()
                except Exception as error:
                    if not is_out_of_memory(error):
                        raise
                self._take_less_than(size[0] * size[1])
            with self._lock:
                start = time.monotonic()
                result = self.paint(planes.to(self.device), color, finish)[0].cpu().numpy()
                self._seconds += time.monotonic() - start
            return result

        return paint, at_once

    def _compile(self, size: tuple[int, int], color: Color) -> tuple[WholePainter | None, int]:
        """What paints whole pictures, if anything does, and how many at once."""
        width, height = size
        fitting = self.max_pixels // (width * height)
        even = not (width % 2 or height % 2)
        if not fitting or min(size) < MIN_SIDE:
            return None, 1
        if self.device.type == "cuda":
            shape = (height * 3 // 2, width) if even else (3, height, width)
            at_once = min(PICTURES_ON_GPU, fitting)
            return self._graphed(shape, color, at_once), at_once
        if not even or not isinstance(self.network, PaintingNetwork):
            return None, 1
        from style_pipeline.stylization.compiled import CompiledNetwork  # GPUs can do without

        at_once = min(self._threads, fitting)
        return CompiledNetwork(
            self.network, size, color, at_once=at_once, threads=self._threads
        ), at_once

    def _graphed(self, shape: tuple[int, ...], color: Color, at_once: int) -> GraphedNetwork | None:
        def paint(planes: Tensor) -> Tensor:
            return color.from_rgb(
                self._apply(self._rgb(planes, color)), subsampled=planes.ndim == 3
            )

        try:
            return GraphedNetwork(paint, shape, self.device, at_once=at_once)
        except torch.OutOfMemoryError:
            return None

    @torch.inference_mode()
    def paint(self, planes: Tensor, color: Color, finish: Finish) -> Tensor:
        """Painted planes of one picture's planes (see `color`), in tiles if need be."""
        while True:
            try:
                return self._paint(planes, color, finish)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                pixels = min(self.max_pixels, split(planes)[0].numel())
                if pixels <= self._smallest:
                    raise torch.OutOfMemoryError(
                        f"not even {pixels} pixels at a time fit into the free memory of "
                        f"{self.device}: use a larger one, or leave more of it free ({error})."
                    ) from error
            # Out of the except block, where the error still held what was being computed.
            self._take_less_than(pixels)

    def _take_less_than(self, pixels: int) -> None:
        """Halve what is painted at once, if another thread has not done so meanwhile."""
        self.max_pixels = min(self.max_pixels, max(pixels // 2, self._smallest))
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
