"""A network on a CUDA GPU, as a graph that is replayed with one call for each picture."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock
from typing import Final

import numpy as np
import torch
from torch import Tensor

from style_pipeline.stylization.architecture import Vector
from style_pipeline.stylization.color import Picture

WARM_UPS: Final = 3


class GraphedNetwork:
    """Planes of one shape, and a style, to stylized planes; several pictures at once.

    All are stylized by one graph, in turn, on one stream; the style is an input of it. Each has
    memory of its own on both sides, and a stream to travel on, so that one picture travels to the
    GPU and another one back while a third is stylized. Only bytes travel, 1.5 a pixel each way, and
    the style's numbers.

    Where memory runs out, it does so before the graph is captured, if it can be helped: a capture
    that fails may leave memory behind that no one can free.
    """

    def __init__(
        self,
        stylize: Callable[[Tensor, Tensor], Tensor],
        shape: tuple[int, ...],
        style_size: int,
        device: torch.device,
        *,
        at_once: int,
    ) -> None:
        self._lock = Lock()
        self._computing = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._graph = torch.cuda.CUDAGraph()
        self._idle: SimpleQueue[_Lane] = SimpleQueue()
        self.busy_seconds = 0.0
        """Seconds for which the GPU has been stylizing."""
        for _ in range(at_once):
            self._idle.put(_Lane((1, *shape), style_size, device))
        with torch.inference_mode(), torch.cuda.stream(self._computing):
            self._source = torch.zeros((1, *shape), dtype=torch.uint8, device=device)
            self._style = torch.zeros((1, style_size), device=device)
            # Libraries choose their kernels and take their workspaces, which no graph may do; and
            # memory, as much as the graph will need, runs out here if it does.
            for _ in range(WARM_UPS):
                stylize(self._source, self._style)
        with torch.inference_mode(), torch.cuda.graph(self._graph, stream=self._computing):
            self._made = stylize(self._source, self._style)

    def stylize(self, picture: Picture, style: Vector) -> Picture:
        """One picture in a style; may be called by as many threads as pictures are stylized at
        once."""
        lane = self._idle.get()
        try:
            lane.send(picture, style)
            with self._lock:
                self._compute(lane)
            made = lane.receive()
            with self._lock:
                self.busy_seconds += lane.seconds
        finally:
            self._idle.put(lane)
        return made

    def _compute(self, lane: "_Lane") -> None:
        with torch.inference_mode(), torch.cuda.stream(self._computing):
            lane.sent.wait()
            lane.start.record()
            self._source.copy_(lane.source)
            self._style.copy_(lane.style)
            self._graph.replay()
            lane.made.copy_(self._made)  # The next picture overwrites the graph's own.
            lane.end.record()


class _Lane:
    """One picture's memory on both sides, and the stream that it travels on."""

    def __init__(self, shape: tuple[int, ...], style_size: int, device: torch.device) -> None:
        self._traveling = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._outbound, self._inbound = (
            torch.empty(shape, dtype=torch.uint8, pin_memory=True) for _ in range(2)
        )
        self.source, self.made = (
            torch.empty(shape, dtype=torch.uint8, device=device) for _ in range(2)
        )
        self._chosen = torch.empty((1, style_size), pin_memory=True)
        self.style = torch.empty((1, style_size), device=device)
        self.start, self.end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        self.sent = torch.cuda.Event()  # type: ignore[no-untyped-call]
        self._arrived = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]

    def send(self, picture: Picture, style: Vector) -> None:
        np.copyto(self._outbound[0].numpy(), picture)
        np.copyto(self._chosen[0].numpy(), style)
        with torch.inference_mode(), torch.cuda.stream(self._traveling):
            self.source.copy_(self._outbound, non_blocking=True)
            self.style.copy_(self._chosen, non_blocking=True)
            self.sent.record()

    def receive(self) -> Picture:
        with torch.inference_mode(), torch.cuda.stream(self._traveling):
            self.end.wait()
            self._inbound.copy_(self.made, non_blocking=True)
            self._arrived.record()
        self._arrived.synchronize()  # other threads run meanwhile
        return self._inbound[0].numpy().copy()

    @property
    def seconds(self) -> float:
        """For which the GPU stylized the picture that was received last."""
        milliseconds: float = self.start.elapsed_time(self.end)
        return milliseconds / 1000
