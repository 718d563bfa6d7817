"""Style a stream of pictures, reading ahead while the network is at work, in bounded memory."""

import ctypes
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from queue import Queue
from threading import Event, Thread

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.color import Color

Picture = npt.NDArray[np.uint8]
QUEUED_PICTURES = 8
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
MIN_SIDE = 16
"""Pixels: networks mirror the picture at its borders and need something to mirror."""


class Engine:
    """A network, ready on a device, that turns pictures into styled pictures.

    On CPUs it computes in float32 and picture by picture, so that a picture's result does not
    depend on its neighbours: chunks may be cut anywhere. On CUDA it computes in half precision.
    """

    def __init__(self, network: nn.Module, *, stride: int = 8, device: str = "auto") -> None:
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)
        if self.device.type == "cpu":
            _keep_freed_memory()
        self.dtype = torch.float16 if self.device.type == "cuda" else torch.float32
        self.stride = stride
        self.network = network.to(self.device, self.dtype).eval()
        self.network.to(memory_format=torch.channels_last)

    @property
    def device_name(self) -> str:
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return f"CPU, {torch.get_num_threads()} threads"

    def style(
        self,
        pictures: Iterable[Picture],
        *,
        size: tuple[int, int],
        matrix: str,
        full_range: bool,
    ) -> Generator[Picture, None, None]:
        """Yield one styled picture for each picture, in order; close it to end early.

        Pictures are planar uint8 YUV: (3H/2, W) where `size`, which is (W, H), is even in both
        directions, else (3, H, W). They are read and written with the YUV `matrix` (see
        `LUMA_WEIGHTS`) in full or limited range. They are read ahead in a thread, so that decoding
        overlaps with the network; a picture that equals the one before it is styled once.
        """
        color = Color(width=size[0], height=size[1], matrix=matrix, full_range=full_range)
        before: Picture | None = None
        styled: Picture | None = None
        for picture in _ahead(pictures):
            if styled is None or before is None or not np.array_equal(picture, before):
                styled = self._style_one(picture, color)
            before = picture
            yield styled

    @torch.inference_mode()
    def _style_one(self, picture: Picture, color: Color) -> Picture:
        planes = torch.from_numpy(picture)[None].to(self.device)
        rgb = color.to_rgb(planes).to(self.dtype, memory_format=torch.channels_last)
        result: Picture = color.from_rgb(self._apply(rgb))[0].cpu().numpy()
        return result

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


def _keep_freed_memory() -> None:
    """Ask glibc to keep what layers free for the next ones.

    It hands large blocks back to the kernel, which clears them each time they are taken again:
    a fifth of the time of a 720p picture, and more on busy machines.
    """
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)


def _ahead(items: Iterable[Picture]) -> Iterator[Picture]:
    """Run an iterator in a thread, a bounded number of items ahead; its error is raised here."""
    queue: Queue[Picture | BaseException | None] = Queue(QUEUED_PICTURES)
    stopped = Event()

    def fill() -> None:
        try:
            for item in items:
                queue.put(item)
                if stopped.is_set():
                    return
            queue.put(None)
        except BaseException as error:  # handed on whole, whatever it is
            queue.put(error)

    thread = Thread(target=fill, name="decode", daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        while thread.is_alive():
            if not queue.empty():
                queue.get_nowait()
            thread.join(0.01)
