"""A network on a CUDA GPU, as graphs that are replayed with one call for each picture."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from style_pipeline.stylization.color import Picture

WARM_UPS = 3


class GraphedNetwork:
    """Planes of one shape to painted planes, several pictures at once.

    Each of them has a stream and pinned memory of its own, so that one picture travels to the GPU
    and another one back while a third is painted, on a stream that all share. Only bytes travel:
    1.5 a pixel each way.
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
        self._idle: SimpleQueue[_Lane] = SimpleQueue()
        self.busy_seconds = 0.0
        """Seconds for which the GPU has been painting."""
        for _ in range(at_once):
            self._idle.put(_Lane(paint, shape, device, self._computing))

    def paint(self, picture: Picture) -> Picture:
        """One picture painted; may be called by as many threads as pictures are painted at once."""
        lane = self._idle.get()
        try:
            lane.send(picture)
            with self._lock:
                lane.compute()
            painted = lane.receive()
            with self._lock:
                self.busy_seconds += lane.seconds
        finally:
            self._idle.put(lane)
        return painted


class _Lane:
    """A picture's memory on both sides, the stream it travels on, and the graph that paints it."""

    def __init__(
        self,
        paint: Callable[[Tensor], Tensor],
        shape: tuple[int, ...],
        device: torch.device,
        computing: torch.cuda.Stream,
    ) -> None:
        self._travelling, self._computing = torch.cuda.Stream(device), computing  # type: ignore[no-untyped-call]
        self._sent, self._received = (
            torch.empty((1, *shape), dtype=torch.uint8, pin_memory=True) for _ in range(2)
        )
        self._source = torch.zeros((1, *shape), dtype=torch.uint8, device=device)
        self._start, self._end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        self._arrived = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        torch.cuda.synchronize(device)
        with torch.inference_mode(), torch.cuda.stream(computing):
            # Libraries choose their kernels and take their workspaces, which no graph may do.
            for _ in range(WARM_UPS):
                paint(self._source)
        computing.synchronize()
        self._graph = torch.cuda.CUDAGraph()
        with torch.inference_mode(), torch.cuda.graph(self._graph, stream=computing):
            self._painted = paint(self._source)

    def send(self, picture: Picture) -> None:
        np.copyto(self._sent[0].numpy(), picture)
        with torch.inference_mode(), torch.cuda.stream(self._travelling):
            self._source.copy_(self._sent, non_blocking=True)

    def compute(self) -> None:
        self._computing.wait_stream(self._travelling)
        with torch.inference_mode(), torch.cuda.stream(self._computing):
            self._start.record()
            self._graph.replay()
            self._end.record()

    def receive(self) -> Picture:
        self._travelling.wait_event(self._end)
        with torch.inference_mode(), torch.cuda.stream(self._travelling):
            self._received.copy_(self._painted, non_blocking=True)
            self._arrived.record()
        self._arrived.synchronize()  # other threads run meanwhile
        return self._received[0].numpy().copy()

    @property
    def seconds(self) -> float:
        """For which the GPU painted the picture that was received last."""
        milliseconds: float = self._start.elapsed_time(self._end)
        return milliseconds / 1000
