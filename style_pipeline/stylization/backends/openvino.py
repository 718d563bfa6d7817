"""Stylize pictures on a CPU, by OpenVINO."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from pipeline_kit.machine.cgroup import threads
from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.backends import Stylize
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.color import Color, Picture
from style_pipeline.stylization.memory import is_out_of_memory, keep_freed_memory, memory_budget

if TYPE_CHECKING:
    from style_pipeline.stylization.backends.pytorch import PyTorchBackend


class OpenVINOBackend:
    """A body that stylizes whole pictures, compiled for their size.

    Those that are too large for that, or for which memory runs out, are stylized in tiles by
    PyTorch: only for them is it imported.
    """

    def __init__(self, network: StyleNetwork, max_pixels: int | None) -> None:
        keep_freed_memory()
        self._network, self._max_pixels = network, max_pixels
        self._compiled: dict[tuple[tuple[int, int], Color], CompiledNetwork] = {}
        self._in_tiles: PyTorchBackend | None = None
        self._lock = Lock()

    @classmethod
    def load(cls, network: StyleNetwork, device: str, max_pixels: int | None) -> OpenVINOBackend:
        return cls(network, max_pixels)

    @property
    def busy_seconds(self) -> float:
        """For which the body has been at work."""
        compiled = sum(whole.busy_seconds for whole in self._compiled.values())
        return compiled + (self._in_tiles.busy_seconds if self._in_tiles else 0.0)

    def prepare(self, size: tuple[int, int], color: Color) -> tuple[Stylize, int]:
        """As `Backend.prepare`."""
        pixels = size[0] * size[1]
        if self._max_pixels is not None and pixels > self._max_pixels:
            return self._tiles(self._max_pixels).prepare(size, color)
        try:
            whole = self._whole(size, color)
        except MemoryError:
            return self._tiles(None).prepare(size, color)

        def stylize(picture: Picture, style: Vector) -> Picture:
            if self._in_tiles is None:
                try:
                    return whole.stylize(picture, style)
                except Exception as error:
                    if not is_out_of_memory(error):
                        raise
            # For good, so that the pictures of a film do not alternate.
            in_tiles, _ = self._tiles(pixels // 2).prepare(size, color)
            return in_tiles(picture, style)

        return stylize, whole.at_once

    def _whole(self, size: tuple[int, int], color: Color) -> CompiledNetwork:
        if (size, color) not in self._compiled:
            self._compiled[size, color] = CompiledNetwork(
                self._network, size, color, threads=threads(), memory=memory_budget()
            )
        return self._compiled[size, color]

    def _tiles(self, max_pixels: int | None) -> PyTorchBackend:
        with self._lock:
            if self._in_tiles is None:
                from style_pipeline.stylization.backends.pytorch import PyTorchBackend

                self._in_tiles = PyTorchBackend.load(self._network, "cpu", max_pixels)
            return self._in_tiles
