"""Style a stream of pictures, reading ahead while the network is at work, in bounded memory."""

from collections.abc import Generator, Iterable, Iterator
from functools import partial
from queue import Queue
from threading import Event, Thread
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from style_pipeline.stylization.color import Color, blend
from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.memory import keep_freed_memory
from style_pipeline.stylization.painter import Finish, Painter

Picture = npt.NDArray[np.uint8]
QUEUED_PICTURES: Final = 8


class Engine:
    """A network, ready on a device, that turns pictures into styled pictures.

    On CPUs it computes in float32 and picture by picture, so that a picture's result does not
    depend on its neighbours: chunks may be cut anywhere. On CUDA it computes in half precision.

    A picture of more than `max_pixels`, by default what fits into the device's memory (see
    `painting_budget`), is painted in tiles without seams.
    """

    def __init__(
        self, network: nn.Module, *, device: str = "auto", max_pixels: int | None = None
    ) -> None:
        self.device = chosen_device(device)
        if self.device.type == "cpu":
            keep_freed_memory()
        self._painter = Painter(network, self.device, max_pixels)

    @property
    def max_pixels(self) -> int:
        """Pixels that are painted at once, at most."""
        return self._painter.max_pixels

    @property
    def device_name(self) -> str:
        return device_name(self.device)

    def style(
        self,
        pictures: Iterable[Picture],
        *,
        size: tuple[int, int],
        matrix: str,
        full_range: bool,
        strength: float = 1.0,
        preserve_colors: bool = False,
    ) -> Generator[Picture, None, None]:
        """Yield one styled picture for each picture, in order; close it to end early.

        Pictures are planar uint8 YUV: (3H/2, W) where `size`, which is (W, H), is even in both
        directions, else (3, H, W). They are read and written with the YUV `matrix` (see
        `LUMA_WEIGHTS`) in full or limited range. They are read ahead in a thread, so that decoding
        overlaps with the network; a picture that equals the one before it is styled once.

        A `strength` of 0 gives the source, 1 the full style, and between them a mixture; with
        `preserve_colors` only luma is styled. What is not styled stays bit for bit.

        Raises:
            ValueError: the strength is not within 0 and 1, the matrix is unknown, or, once it is
                its turn, a picture has not the size.
            torch.OutOfMemoryError: not even the smallest tiles fit into memory.
        """
        if not 0 <= strength <= 1:
            raise ValueError(f"{strength = } must be from 0 (the source) to 1 (the full style).")
        color = Color(matrix=matrix, full_range=full_range)
        finish = partial(blend, strength=strength, preserve_colors=preserve_colors)
        if strength == 0:
            return _checked(pictures, size)
        return self._styled(_checked(pictures, size), color, finish)

    def _styled(
        self, pictures: Iterable[Picture], color: Color, finish: Finish
    ) -> Generator[Picture, None, None]:
        before: Picture | None = None
        styled: Picture | None = None
        for picture in _ahead(pictures):
            if styled is None or before is None or not np.array_equal(picture, before):
                planes = torch.from_numpy(picture)[None].to(self.device)
                styled = self._painter.paint(planes, color, finish)[0].cpu().numpy()
            before = picture
            yield styled


def _checked(pictures: Iterable[Picture], size: tuple[int, int]) -> Generator[Picture, None, None]:
    width, height = size
    shape = (3, height, width) if width % 2 or height % 2 else (height * 3 // 2, width)
    for picture in pictures:
        if picture.shape != shape:
            raise ValueError(f"{picture.shape = } must be {shape}: {width}x{height} pixels.")
        yield picture


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
