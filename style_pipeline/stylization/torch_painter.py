"""Paint pictures of any size with PyTorch, within the memory there is."""

import time
from collections.abc import Callable
from math import lcm
from threading import Lock
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_kit.machine.cgroup import processors
from style_pipeline.stylization.architecture import missing_pixels
from style_pipeline.stylization.color import Color, Picture, shape_of
from style_pipeline.stylization.cuda_graph import GraphedNetwork
from style_pipeline.stylization.footprint import footprint
from style_pipeline.stylization.memory import SHARE, is_out_of_memory, painting_budget
from style_pipeline.stylization.network import PaintingNetwork, fold_upsampling
from style_pipeline.stylization.planes import from_rgb, split, to_rgb
from style_pipeline.stylization.tiling import (
    paint_tiles,
    smallest_tile,
    statistics_of,
    thumbnail,
    tiles,
)

PICTURES_ON_GPU: Final = 3
"""At once: one on its way there, one that is painted, one on its way back."""


class Painter:
    """A network on its device, in the precision and memory format that suit it.

    GPUs paint whole pictures by a CUDA graph, several at once. Pictures of more than ``max_pixels``
    are painted in tiles; where memory runs out all the same, ``max_pixels`` is halved for good, so
    that the pictures of a film do not alternate.
    """

    def __init__(self, network: nn.Module, device: str, max_pixels: int | None) -> None:
        self.device = torch.device(device)
        on_gpu = self.device.type == "cuda"
        if not on_gpu:
            torch.set_num_threads(min(torch.get_num_threads(), processors()))
        self.stride: int = getattr(network, "stride", 1)
        fold_upsampling(network)
        needs = footprint(network, stride=self.stride)
        dtype = torch.float32
        if on_gpu and isinstance(network, PaintingNetwork):
            dtype = torch.float16
            network.compute_in(dtype)
            # For all of the process: it rounds the first layer's pictures as half precision does.
            torch.backends.cudnn.allow_tf32 = False
        self.network = network.to(self.device).to(memory_format=torch.channels_last).eval()
        self._step = lcm(self.stride, 2)  # tiles must not cut through a pixel of halved chroma
        self._margin = -(-needs.radius // self._step) * self._step
        self._smallest = smallest_tile(self._margin)
        self._lock = Lock()  # tiles change the network while they are painted
        self._seconds = 0.0
        self._graphed: dict[tuple[tuple[int, int], Color], GraphedNetwork] = {}
        if max_pixels is None:
            budget = painting_budget()
            if on_gpu:
                budget = int(torch.cuda.get_device_properties(self.device).total_memory * SHARE)
            max_pixels = budget // needs.bytes_per_pixel(dtype)
        self.max_pixels = max(max_pixels, self._smallest)

    @property
    def busy_seconds(self) -> float:
        """For which the network has been at work."""
        return self._seconds + sum(graphed.busy_seconds for graphed in self._graphed.values())

    def prepare(
        self, size: tuple[int, int], color: Color
    ) -> tuple[Callable[[Picture], Picture], int]:
        """What paints pictures of one size (W, H), and how many it can paint at once, each called
        from a thread of its own.

        It raises `torch.OutOfMemoryError` where not even the smallest tiles fit into memory.
        """
        if graphed := self._graph(size, color):
            return graphed.paint, PICTURES_ON_GPU

        def paint(picture: Picture) -> Picture:
            with self._lock:
                start = time.monotonic()
                planes = torch.from_numpy(picture)[None].to(self.device)
                painted: Picture = self.paint(planes, color)[0].cpu().numpy()
                self._seconds += time.monotonic() - start
            return painted

        return paint, 1

    def _graph(self, size: tuple[int, int], color: Color) -> GraphedNetwork | None:
        """What paints whole pictures on a GPU, if anything does; kept for the next film alike."""
        pixels = size[0] * size[1]
        if self.device.type != "cuda" or pixels > self.max_pixels:
            return None
        if graphed := self._graphed.get((size, color)):
            return graphed
        try:
            graphed = self._graphed[size, color] = GraphedNetwork(
                lambda planes: self._paint_whole(planes, color),
                shape_of(size),
                self.device,
                at_once=PICTURES_ON_GPU,
            )
        except (RuntimeError, MemoryError) as error:
            if not _ran_out_of_memory(error):
                raise
        # Out of the except block, where the error still held what was being computed.
        if graphed is None:
            self._take_less_than(pixels)
        return graphed

    @torch.inference_mode()
    def paint(self, planes: Tensor, color: Color) -> Tensor:
        """Painted planes of one picture's planes (see `planes`), in tiles if need be."""
        while True:
            try:
                return self._paint(planes, color)
            except (RuntimeError, MemoryError) as error:
                if not _ran_out_of_memory(error):
                    raise
                pixels = min(self.max_pixels, split(planes)[0].numel())
                if pixels <= self._smallest:
                    raise torch.OutOfMemoryError(
                        f"not even {pixels} pixels at a time fit into the free memory of "
                        f"{self.device}: use a larger one, or leave more of it free ({error})."
                    ) from error
            # Out of the except block, as above.
            self._take_less_than(pixels)

    def _take_less_than(self, pixels: int) -> None:
        """Halve what is painted at once, if another thread has not done so meanwhile."""
        self.max_pixels = min(self.max_pixels, max(pixels // 2, self._smallest))
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _paint(self, planes: Tensor, color: Color) -> Tensor:
        height, width = split(planes)[0].shape[-2:]
        if height * width <= self.max_pixels:
            return self._paint_whole(planes, color)
        layout = tiles(
            height, width, most_pixels=self.max_pixels, margin=self._margin, step=self._step
        )
        whole = thumbnail(planes, most_pixels=self.max_pixels, step=self._step)
        with statistics_of(self.network, _channels_last(to_rgb(whole, color))):
            return paint_tiles(lambda tile: self._paint_whole(tile, color), planes, layout)

    def _paint_whole(self, planes: Tensor, color: Color) -> Tensor:
        """The network on any size: extended by its mirror image, and cropped back."""
        rgb = to_rgb(planes, color)
        height, width = rgb.shape[-2:]
        down, right = (missing_pixels(side, self.stride) for side in (height, width))
        if right or down:
            mode = "reflect" if right < width and down < height else "replicate"
            rgb = F.pad(rgb, (0, right, 0, down), mode=mode)
        styled: Tensor = self.network(_channels_last(rgb))
        return from_rgb(styled[..., :height, :width], color, subsampled=planes.ndim == 3)


def _channels_last(pictures: Tensor) -> Tensor:
    return pictures.contiguous(memory_format=torch.channels_last)


def _ran_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or is_out_of_memory(error)
