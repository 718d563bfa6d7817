"""A network on a CUDA GPU, as a graph that is replayed with one call for each picture."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock
from typing import Final

import numpy as np
import torch
from torch import Tensor

from style_pipeline.stylization.color import Picture

WARM_UPS: Final = 3


class GraphedNetwork:
    """Planes of one shape to painted planes, several pictures at once.

    All are painted by one graph, in turn, on one stream. Each has memory of its own on both sides,
    and a stream to travel on, so that one picture travels to the GPU and another one back while a
    third is painted. Only bytes travel: 1.5 a pixel each way.

    Where memory runs out, it does so before the graph is captured, if it can be helped: a capture
    that fails may leave memory behind that no one can free.
    """

    def __init__(
        self,
        paint: Callable[[Tensor], Tensor],
        shape: tuple[int, ...],
        device: torch.device,
        *,
        at_once: int,
    ) -> None:
        self._lock = Lock()
        self._computing = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._graph = torch.cuda.CUDAGraph()
        self._idle: SimpleQueue[_Lane] = SimpleQueue()
        self.busy_seconds = 0.0
        """Seconds for which the GPU has been painting."""
        for _ in range(at_once):
            self._idle.put(_Lane((1, *shape), device))
        with torch.inference_mode(), torch.cuda.stream(self._computing):
            self._source = torch.zeros((1, *shape), dtype=torch.uint8, device=device)
            # Libraries choose their kernels and take their workspaces, which no graph may do; and
            # memory, as much as the graph will need, runs out here if it does.
            for _ in range(WARM_UPS):
                paint(self._source)
        with torch.inference_mode(), torch.cuda.graph(self._graph, stream=self._computing):
            self._painted = paint(self._source)

    def paint(self, picture: Picture) -> Picture:
        """One picture painted; may be called by as many threads as pictures are painted at once."""
        lane = self._idle.get()
        try:
            lane.send(picture)
            with self._lock:
                self._compute(lane)
            painted = lane.receive()
            with self._lock:
                self.busy_seconds += lane.seconds
        finally:
            self._idle.put(lane)
        return painted

    def _compute(self, lane: "_Lane") -> None:
        with torch.inference_mode(), torch.cuda.stream(self._computing):
            lane.sent.wait()
            lane.start.record()
            self._source.copy_(lane.source)
            self._graph.replay()
            lane.painted.copy_(self._painted)  # The next picture overwrites the graph's own.
            lane.end.record()


class _Lane:
    """One picture's memory on both sides, and the stream that it travels on."""

    def __init__(self, shape: tuple[int, ...], device: torch.device) -> None:
        self._travelling = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._outbound, self._inbound = (
            torch.empty(shape, dtype=torch.uint8, pin_memory=True) for _ in range(2)
        )
        self.source, self.painted = (
            torch.empty(shape, dtype=torch.uint8, device=device) for _ in range(2)
        )
        self.start, self.end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        self.sent = torch.cuda.Event()  # type: ignore[no-untyped-call]
        self._arrived = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]

    def send(self, picture: Picture) -> None:
        np.copyto(self._outbound[0].numpy(), picture)
        with torch.inference_mode(), torch.cuda.stream(self._travelling):
            self.source.copy_(self._outbound, non_blocking=True)
            self.sent.record()

    def receive(self) -> Picture:
        with torch.inference_mode(), torch.cuda.stream(self._travelling):
            self.end.wait()
            self._inbound.copy_(self.painted, non_blocking=True)
            self._arrived.record()
        self._arrived.synchronize()  # other threads run meanwhile
        return self._inbound[0].numpy().copy()

    @property
    def seconds(self) -> float:
        """For which the GPU painted the picture that was received last."""
        milliseconds: float = self.start.elapsed_time(self.end)
        return milliseconds / 1000
