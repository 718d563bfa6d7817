"""Style a stream of pictures: decoder, network and encoder at work together, in bounded memory."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import repeat
from queue import Queue
from threading import Event, Thread
from typing import Final

import numpy as np

from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.backends import Backend, load_backend
from style_pipeline.stylization.color import Color, Picture, blend, shape_of
from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.strokes import enlarged, reduced

QUEUED_PICTURES: Final = 4


class Engine:
    """A body, ready on a device, that turns pictures into styled pictures.

    A picture's result does not depend on its neighbors: chunks may be cut anywhere. CPUs compute
    in bfloat16 where they can, and stylize as many pictures at once as they have cores and memory
    for; GPUs compute in half precision, but for the first layer.
    """

    def __init__(self, backend: Backend, *, device: str = "cpu") -> None:
        self.device = device
        self._backend = backend

    @classmethod
    def load(
        cls, network: StyleNetwork, *, device: str = "auto", max_pixels: int | None = None
    ) -> "Engine":
        """The body of ``network`` on a device.

        A picture of more than ``max_pixels``, by default what fits into the device's memory, is
        stylized in tiles without seams.

        Raises:
            ValueError: ``max_pixels`` is less than 1.
        """
        if max_pixels is not None and max_pixels < 1:
            raise ValueError(f"{max_pixels = } must be at least 1, or None for what fits memory.")
        chosen = chosen_device(device)
        return cls(load_backend(network, chosen, max_pixels), device=chosen)

    @property
    def device_name(self) -> str:
        return device_name(self.device)

    @property
    def busy_seconds(self) -> float:
        """For which the body has been at work: of a GPU its own time, of a CPU that of all
        pictures that are stylized at once.
        """
        return self._backend.busy_seconds

    @property
    def gpu_seconds(self) -> float | None:
        """For which the GPU has been stylizing; None without one."""
        return None if self.device == "cpu" else self.busy_seconds

    def style(
        self,
        pictures: Iterable[Picture],
        styles: Vector | Iterable[Vector],
        *,
        size: tuple[int, int],
        matrix: str,
        full_range: bool,
        strength: float = 1.0,
        preserve_colors: bool = False,
        reduction: float = 1.0,
    ) -> Generator[Picture, None, None]:
        """Yield one styled picture for each picture, in order; close it to end early.

        Pictures are planar uint8 YUV: (3H/2, W) where `size`, which is (W, H), is even in both
        directions, else (3, H, W). They are read and written with the YUV `matrix` (see
        `LUMA_WEIGHTS`) in full or limited range. They are read ahead in a thread, so that decoding
        overlaps with the network; a picture that equals the one before it, and is stylized as that
        was, is stylized once.

        Args:
            styles: one for all pictures, float32 (numbers,), or one for each.
            strength: 0 gives the source, 1 the full style, and between them a mixture.
            preserve_colors: only luma is styled. What is not styled stays bit for bit.
            reduction: how much smaller pictures are stylized, so that strokes are larger; see
                `strokes`.

        Raises:
            ValueError: the strength is not within 0 and 1, the matrix is unknown, or, once it is
                its turn, a picture has not the size, or there are not as many styles as pictures.
            torch.OutOfMemoryError: not even the smallest tiles fit into memory.
        """
        if not 0 <= strength <= 1:
            raise ValueError(f"{strength = } must be from 0 (the source) to 1 (the full style).")
        color = Color(matrix=matrix, full_range=full_range)
        checked = _checked(pictures, size)
        if strength == 0:
            return checked

        def finish(picture: Picture, styled: Picture) -> Picture:
            return blend(picture, styled, strength=strength, preserve_colors=preserve_colors)

        return self._styled(checked, styles, size, color, finish)

    def _styled(
        self,
        pictures: Generator[Picture, None, None],
        styles: Vector | Iterable[Vector],
        size: tuple[int, int],
        small: tuple[int, int],
        color: Color,
        finish: Callable[[Picture, Picture], Picture],
    ) -> Generator[Picture, None, None]:
        stylize, at_once = self._backend.prepare(small, color)

        def style(picture: Picture, vector: Vector) -> Picture:
            if small == size:
                return finish(picture, stylize(picture, vector))
            return finish(picture, enlarged(stylize(reduced(picture, small), vector), size))

        waiting: deque[Future[Picture]] = deque()
        with ThreadPoolExecutor(at_once, "stylize") as pool, closing(_ahead(pictures)) as read:
            try:
                given = _with_styles(read, styles)
                for future in _distinct(given, lambda *one: pool.submit(style, *one)):
                    waiting.append(future)
                    if len(waiting) > 2 * at_once:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)


def _with_styles(
    pictures: Iterator[Picture], styles: Vector | Iterable[Vector]
) -> Iterator[tuple[Picture, Vector]]:
    if isinstance(styles, np.ndarray):
        return zip(pictures, repeat(styles), strict=False)
    return zip(pictures, styles, strict=True)


def _distinct(
    pictures: Iterator[tuple[Picture, Vector]],
    submit: Callable[[Picture, Vector], Future[Picture]],
) -> Iterator[Future[Picture]]:
    """What each picture becomes; the same for one that equals the one before it in all.

    An error of the iterator is what its last picture becomes.
    """
    before: tuple[Picture, Vector] | None = None
    future: Future[Picture] = Future()
    while True:
        try:
            given = next(pictures)
        except StopIteration:
            return
        except BaseException as error:
            failed: Future[Picture] = Future()
            failed.set_exception(error)
            yield failed
            return
        if before is None or not _equal(given, before):
            future = submit(*given)
        before = given
        yield future


def _equal(one: tuple[Picture, Vector], other: tuple[Picture, Vector]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


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
