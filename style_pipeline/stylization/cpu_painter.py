"""Paint pictures on a CPU."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from pipeline_kit.machine.cgroup import threads
from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.color import Color, Picture
from style_pipeline.stylization.memory import is_out_of_memory, painting_budget
from style_pipeline.stylization.openvino_network import CompiledNetwork

if TYPE_CHECKING:
    from style_pipeline.stylization.torch_painter import Painter


class CpuPainter:
    """A network that paints whole pictures, compiled for their size.

    Those that are too large for that, or for which memory runs out, are painted in tiles by
    PyTorch: only for them is it imported.
    """

    def __init__(self, network: StyleNetwork, max_pixels: int | None) -> None:
        self._network, self._max_pixels = network, max_pixels
        self._compiled: list[CompiledNetwork] = []
        self._in_tiles: Painter | None = None
        self._lock = Lock()

    @property
    def busy_seconds(self) -> float:
        """For which the network has been at work."""
        compiled = sum(whole.busy_seconds for whole in self._compiled)
        return compiled + (self._in_tiles.busy_seconds if self._in_tiles else 0.0)

    def prepare(
        self, size: tuple[int, int], color: Color
    ) -> tuple[Callable[[Picture], Picture], int]:
        """As `Painter.prepare`."""
        pixels = size[0] * size[1]
        if self._max_pixels is not None and pixels > self._max_pixels:
            return self._tiles(self._max_pixels).prepare(size, color)
        try:
            whole = CompiledNetwork(
                self._network, size, color, threads=threads(), memory=painting_budget()
            )
        except MemoryError:
            return self._tiles(None).prepare(size, color)
        self._compiled.append(whole)

        def paint(picture: Picture) -> Picture:
            if self._in_tiles is None:
                try:
                    return whole.paint(picture)
                except Exception as error:
                    if not is_out_of_memory(error):
                        raise
            # For good, so that the pictures of a film do not alternate.
            in_tiles, _ = self._tiles(pixels // 2).prepare(size, color)
            return in_tiles(picture)

        return paint, whole.at_once

    def _tiles(self, max_pixels: int | None) -> Painter:
        with self._lock:
            if self._in_tiles is None:
                from style_pipeline.stylization.network import as_module
                from style_pipeline.stylization.torch_painter import Painter

                self._in_tiles = Painter(as_module(self._network), "cpu", max_pixels)
            return self._in_tiles
