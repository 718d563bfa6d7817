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
from style_pipeline.stylization.brushing import brushed
from style_pipeline.stylization.color import Color, Picture, blend, shape_of
from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.strokes import enlarged, reduced, reduced_size

QUEUED_PICTURES: Final = 4


class Engine:
    """A body, ready on a device, that turns pictures into styled pictures.

    A picture's result does not depend on its neighbors: chunks may be cut anywhere. CPUs compute
    in bfloat16 where they can, and stylize as many pictures at once as they have cores and memory
    for; GPUs compute in half precision, but for the first layer.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        device: str = "cpu",
        brushing_of: Callable[[Vector], float] = lambda style: 0.0,
    ) -> None:
        self.device = device
        self._backend, self._brushing_of = backend, brushing_of

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
        backend = load_backend(network, chosen, max_pixels)
        return cls(backend, device=chosen, brushing_of=network.architecture.brushing_of)

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
        strength: float | Iterable[float] = 1.0,
        preserve_colors: bool = False,
        reduction: float = 1.0,
    ) -> Generator[Picture, None, None]:
        """Yield one styled picture for each picture, in order; close it to end early.

        Pictures are planar uint8 YUV: (3H/2, W) where `size`, which is (W, H), is even in both
        directions, else (3, H, W). They are read and written with the YUV `matrix` (see
        `LUMA_WEIGHTS`) in full or limited range. They are read ahead in a thread, so that decoding
        overlaps with the network. What the network makes is smoothed along strokes, as far as its
        style says, see `brushing`. A picture that equals the one before it, and is stylized as that
        was, is stylized once.

        Args:
            styles: one for all pictures, float32 (numbers,), or one for each.
            strength: 0 gives the source, 1 the full style, and between them a mixture; one for all
                pictures, or one for each.
            preserve_colors: only luma is styled. What is not styled stays bit for bit.
            reduction: how much smaller pictures are stylized, so that strokes are larger; see
                `strokes`.

        Raises:
            ValueError: the strength is not within 0 and 1, the matrix is unknown, or, once it is
                its turn, a picture has not the size, or there are not as many styles or strengths
                as pictures.
            torch.OutOfMemoryError: not even the smallest tiles fit into memory.
        """
        if not isinstance(strength, Iterable):
            _check_strength(strength)
        color = Color(matrix=matrix, full_range=full_range)
        checked = _checked(pictures, size)
        if strength == 0:
            return checked
        small = size if reduction == 1 else reduced_size(size, reduction)
        return self._styled(checked, styles, strength, size, small, color, preserve_colors)

    def _styled(
        self,
        pictures: Generator[Picture, None, None],
        styles: Vector | Iterable[Vector],
        strengths: float | Iterable[float],
        size: tuple[int, int],
        small: tuple[int, int],
        color: Color,
        preserve_colors: bool,
    ) -> Generator[Picture, None, None]:
        stylize, at_once = self._backend.prepare(small, color)

        def style(picture: Picture, vector: Vector, strength: float) -> Picture:
            if strength == 0:
                return picture
            styled = stylize(picture if small == size else reduced(picture, small), vector)
            styled = brushed(styled, self._brushing_of(vector))
            if small != size:
                styled = enlarged(styled, size)
            return blend(picture, styled, strength=strength, preserve_colors=preserve_colors)

        waiting: deque[Future[Picture]] = deque()
        with ThreadPoolExecutor(at_once, "stylize") as pool, closing(_ahead(pictures)) as read:
            try:
                given = _together(read, styles, strengths)
                for future in _distinct(given, lambda *one: pool.submit(style, *one)):
                    waiting.append(future)
                    if len(waiting) > 2 * at_once:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)


Given = tuple[Picture, Vector, float]


def _check_strength(strength: float) -> float:
    if not 0 <= strength <= 1:
        raise ValueError(f"{strength = } must be from 0 (the source) to 1 (the full style).")
    return strength


def _together(
    pictures: Iterator[Picture],
    styles: Vector | Iterable[Vector],
    strengths: float | Iterable[float],
) -> Iterator[Given]:
    """Each picture with its style and its strength."""
    styled = (
        zip(pictures, repeat(styles), strict=False)
        if isinstance(styles, np.ndarray)
        else zip(pictures, styles, strict=True)
    )
    if not isinstance(strengths, Iterable):
        return ((*pair, strengths) for pair in styled)
    return (
        (*pair, _check_strength(strength)) for pair, strength in zip(styled, strengths, strict=True)
    )


def _distinct(
    pictures: Iterator[Given],
    submit: Callable[[Picture, Vector, float], Future[Picture]],
) -> Iterator[Future[Picture]]:
    """What each picture becomes; the same for one that equals the one before it in all.

    An error of the iterator is what its last picture becomes.
    """
    before: Given | None = None
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


def _equal(one: Given, other: Given) -> bool:
    return (
        one[2] == other[2] and np.array_equal(one[1], other[1]) and np.array_equal(one[0], other[0])
    )


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
