"""Stylize pictures of any size by PyTorch, within the memory there is."""

import time
from math import lcm
from threading import Lock
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_kit.machine.cgroup import processors
from style_pipeline.stylization.architecture import StyleNetwork, Vector, missing_pixels
from style_pipeline.stylization.backends import Stylize
from style_pipeline.stylization.backends.cuda_graph import GraphedNetwork
from style_pipeline.stylization.backends.footprint import footprint
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.backends.planes import from_rgb, split, to_rgb
from style_pipeline.stylization.backends.tiling import (
    smallest_tile,
    statistics_of,
    stylize_tiles,
    thumbnail,
    tiles,
)
from style_pipeline.stylization.color import Color, Picture, shape_of
from style_pipeline.stylization.memory import SHARE, is_out_of_memory, memory_budget

PICTURES_ON_GPU: Final = 3
"""At once: one on its way there, one that is painted, one on its way back."""


class PyTorchBackend:
    """A module on its device, in the precision and memory format that suit it.

    It maps float RGB (1, 3, H, W) in [0, 1] and a style (1, numbers) to the same shape and range;
    ``stride`` is what it needs both sides to be multiples of. GPUs stylize whole pictures by a CUDA
    graph, several at once. Pictures of more than ``max_pixels`` are stylized in tiles; where memory
    runs out all the same, ``max_pixels`` is halved for good, so that the pictures of a film do not
    alternate.
    """

    def __init__(
        self,
        network: nn.Module,
        device: str,
        max_pixels: int | None,
        *,
        stride: int,
        style_size: int,
    ) -> None:
        self.device = torch.device(device)
        on_gpu = self.device.type == "cuda"
        if not on_gpu:
            torch.set_num_threads(min(torch.get_num_threads(), processors()))
        self.stride, self._style_size = stride, style_size
        needs = footprint(network, stride=stride, style_size=style_size)
        dtype = torch.float32
        if on_gpu and isinstance(network, Network):
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
            budget = memory_budget()
            if on_gpu:
                budget = int(torch.cuda.get_device_properties(self.device).total_memory * SHARE)
            max_pixels = budget // needs.bytes_per_pixel(dtype)
        self.max_pixels = max(max_pixels, self._smallest)

    @classmethod
    def load(cls, network: StyleNetwork, device: str, max_pixels: int | None) -> "PyTorchBackend":
        architecture = network.architecture
        return cls(
            as_network(network),
            device,
            max_pixels,
            stride=architecture.stride,
            style_size=architecture.style_size,
        )

    @property
    def busy_seconds(self) -> float:
        """For which the network has been at work."""
        return self._seconds + sum(graphed.busy_seconds for graphed in self._graphed.values())

    def prepare(self, size: tuple[int, int], color: Color) -> tuple[Stylize, int]:
        """As `Backend.prepare`."""
        if graphed := self._graph(size, color):
            # Those that wait for the GPU, and what processors reduce and enlarge meanwhile.
            return graphed.stylize, PICTURES_ON_GPU + processors()

        def stylize(picture: Picture, style: Vector) -> Picture:
            with self._lock:
                start = time.monotonic()
                planes = torch.from_numpy(picture)[None].to(self.device)
                vector = torch.from_numpy(style)[None].to(self.device)
                made: Picture = self.stylize(planes, vector, color)[0].cpu().numpy()
                self._seconds += time.monotonic() - start
            return made

        return stylize, 1

    def _graph(self, size: tuple[int, int], color: Color) -> GraphedNetwork | None:
        """What stylizes whole pictures on a GPU, if anything does; kept for the next film alike."""
        pixels = size[0] * size[1]
        if self.device.type != "cuda" or pixels > self.max_pixels:
            return None
        if graphed := self._graphed.get((size, color)):
            return graphed
        try:
            graphed = self._graphed[size, color] = GraphedNetwork(
                lambda planes, style: self._stylize_whole(planes, style, color),
                shape_of(size),
                self._style_size,
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
    def stylize(self, planes: Tensor, style: Tensor, color: Color) -> Tensor:
        """Stylized planes of one picture's planes (see `planes`), in tiles if need be."""
        while True:
            try:
                return self._stylize(planes, style, color)
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
        """Halve what is stylized at once, if another thread has not done so meanwhile."""
        self.max_pixels = min(self.max_pixels, max(pixels // 2, self._smallest))
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _stylize(self, planes: Tensor, style: Tensor, color: Color) -> Tensor:
        height, width = split(planes)[0].shape[-2:]
        if height * width <= self.max_pixels:
            return self._stylize_whole(planes, style, color)
        layout = tiles(
            height, width, most_pixels=self.max_pixels, margin=self._margin, step=self._step
        )
        whole = thumbnail(planes, most_pixels=self.max_pixels, step=self._step)
        with statistics_of(self.network, _channels_last(to_rgb(whole, color)), style):
            return stylize_tiles(
                lambda tile: self._stylize_whole(tile, style, color), planes, layout
            )

    def _stylize_whole(self, planes: Tensor, style: Tensor, color: Color) -> Tensor:
        """The network on any size: extended by its mirror image, and cropped back."""
        rgb = to_rgb(planes, color)
        height, width = rgb.shape[-2:]
        down, right = (missing_pixels(side, self.stride) for side in (height, width))
        if right or down:
            mode = "reflect" if right < width and down < height else "replicate"
            rgb = F.pad(rgb, (0, right, 0, down), mode=mode)
        styled: Tensor = self.network(_channels_last(rgb), style)
        return from_rgb(styled[..., :height, :width], color, subsampled=planes.ndim == 3)


def _channels_last(pictures: Tensor) -> Tensor:
    return pictures.contiguous(memory_format=torch.channels_last)


def _ran_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or is_out_of_memory(error)
