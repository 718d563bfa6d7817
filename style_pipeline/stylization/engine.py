"""Style a stream of pictures: decoder, network and encoder at work together, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from queue import Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.color import Color, Picture, blend, shape_of
from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.memory import keep_freed_memory

if TYPE_CHECKING:
    from torch import nn

QUEUED_PICTURES: Final = 4
Paint = Callable[[Picture], Picture]


class AnyPainter(Protocol):
    """See `Painter` and `CpuPainter`."""

    @property
    def busy_seconds(self) -> float: ...

    def prepare(self, size: tuple[int, int], color: Color) -> tuple[Paint, int]: ...


class Engine:
    """A network, ready on a device, that turns pictures into styled pictures.

    A picture's result does not depend on its neighbours: chunks may be cut anywhere. CPUs compute
    in bfloat16 where they can, and paint as many pictures at once as they have cores and memory
    for; GPUs compute in half precision, but for the first layer. Any module can be painted with, by
    PyTorch in float32, but a CPU paints a `StyleNetwork` without it, and several times as fast.

    A picture of more than `max_pixels`, by default what fits into the device's memory, is painted
    in tiles without seams.
    """

    def __init__(
        self,
        network: StyleNetwork | nn.Module,
        *,
        device: str = "auto",
        max_pixels: int | None = None,
    ) -> None:
        if max_pixels is not None and max_pixels < 1:
            raise ValueError(f"{max_pixels = } must be at least 1, or None for what fits memory.")
        self.device = chosen_device(device)
        if self.device == "cpu":
            keep_freed_memory()
        self._painter = _painter(network, self.device, max_pixels)

    @property
    def device_name(self) -> str:
        return device_name(self.device)

    @property
    def busy_seconds(self) -> float:
        """For which the network has been at work: of a GPU its own time, of a CPU that of all
        pictures that are painted at once.
        """
        return self._painter.busy_seconds

    @property
    def gpu_seconds(self) -> float | None:
        """For which the GPU has been painting; None without one."""
        return None if self.device == "cpu" else self.busy_seconds

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
        if strength == 0:
            return _checked(pictures, size)

        def finish(picture: Picture, painted: Picture) -> Picture:
            return blend(picture, painted, strength=strength, preserve_colors=preserve_colors)

        return self._styled(_checked(pictures, size), size, color, finish)

    def _styled(
        self,
        pictures: Iterable[Picture],
        size: tuple[int, int],
        color: Color,
        finish: Callable[[Picture, Picture], Picture],
    ) -> Generator[Picture, None, None]:
        paint, at_once = self._painter.prepare(size, color)

        def style(picture: Picture) -> Picture:
            return finish(picture, paint(picture))

        waiting: deque[Future[Picture]] = deque()
        with ThreadPoolExecutor(at_once, "paint") as pool, closing(_ahead(pictures)) as read:
            try:
                for future in _distinct(read, lambda picture: pool.submit(style, picture)):
                    waiting.append(future)
                    if len(waiting) > 2 * at_once:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)


def _painter(network: StyleNetwork | nn.Module, device: str, max_pixels: int | None) -> AnyPainter:
    if isinstance(network, StyleNetwork):
        if device == "cpu":
            from style_pipeline.stylization.cpu_painter import CpuPainter  # GPUs need no OpenVINO

            return CpuPainter(network, max_pixels)
        from style_pipeline.stylization.network import as_module

        network = as_module(network)
    from style_pipeline.stylization.torch_painter import Painter

    return Painter(network, device, max_pixels)


def _distinct(
    pictures: Iterator[Picture], submit: Callable[[Picture], Future[Picture]]
) -> Iterator[Future[Picture]]:
    """What each picture becomes; the same for one that equals the one before it.

    An error of the iterator is what its last picture becomes.
    """
    before: Picture | None = None
    future: Future[Picture] = Future()
    while True:
        try:
            picture = next(pictures)
        except StopIteration:
            return
        except BaseException as error:
            failed: Future[Picture] = Future()
            failed.set_exception(error)
            yield failed
            return
        if before is None or not np.array_equal(picture, before):
            future = submit(picture)
        before = picture
        yield future


def _checked(pictures: Iterable[Picture], size: tuple[int, int]) -> Generator[Picture, None, None]:
    width, height = size
    for picture in pictures:
        if picture.shape != shape_of(size):
            raise ValueError(
                f"{picture.shape = } must be {shape_of(size)}: {width}x{height} pixels."
            )
        yield picture


def _ahead(items: Iterable[Picture]) -> Generator[Picture, None, None]:
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
