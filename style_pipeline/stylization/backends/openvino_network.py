"""A body compiled for this CPU, which stylizes several pictures at once."""

import time
from queue import SimpleQueue
from threading import Lock
from typing import Final

import numpy as np
import openvino as ov

from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.backends.openvino_cache import compile_cache
from style_pipeline.stylization.backends.openvino_graph import stylizing_graphs, values_in_memory
from style_pipeline.stylization.color import Color, Picture

COPIES: Final = 3
"""Memory of a picture over that of the largest layer's input and output in float32. Measured: 2.1
(4K) to 3.0 (1080p) with the slim architecture, 1.1 to 1.3 with the reference.
"""


class CompiledNetwork:
    """Pictures of one size to stylized ones, in bfloat16 where the CPU computes in it.

    The style is an input of the compiled graphs: another one compiles nothing. As many pictures are
    stylized at once as there are threads, and as fit into so many bytes of memory; each by its
    share of the threads, so that it does not depend on the others. What was compiled once is read
    from a cache by later processes. Raises `MemoryError` where not even one fits.
    """

    def __init__(
        self,
        network: StyleNetwork,
        size: tuple[int, int],
        color: Color,
        *,
        threads: int,
        memory: int,
    ) -> None:
        core = ov.Core()
        # OpenVINO sets up its table of types at the first use. Threads that come to that at once
        # may wait for each other for ever, one with the interpreter's lock.
        ov.Type.u8.to_dtype()
        precision = best_precision(core)
        graphs = stylizing_graphs(
            network.architecture, network.weights, size, color, between=precision
        )
        each = max(map(values_in_memory, graphs)) * ov.Type.f32.size * COPIES
        if each > memory:
            raise MemoryError(f"{each} bytes to stylize a picture of {size}, and {memory} are free")
        self.at_once: int = min(threads, memory // each)
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": self.at_once,
            # Decoder, encoder and other chunks may need the processor that it would hold on to.
            "ENABLE_CPU_PINNING": False,
        }
        precisions = [{"INFERENCE_PRECISION_HINT": each} for each in (ov.Type.f32, precision)]
        with compile_cache() as cache:
            first, others = (
                core.compile_model(graph, "CPU", settings | computed_in | cache)
                for graph, computed_in in zip(graphs, precisions, strict=True)
            )
        self.busy_seconds = 0.0
        """Seconds for which it has been at work, shared out among pictures stylized at once."""
        self._lock = Lock()
        self._idle: SimpleQueue[tuple[ov.InferRequest, ov.InferRequest]] = SimpleQueue()
        for _ in range(self.at_once):
            requests = first.create_infer_request(), others.create_infer_request()
            for number, name in enumerate(("features", "contrast")):
                requests[1].set_tensor(name, requests[0].get_output_tensor(number))
            self._idle.put(requests)

    def stylize(self, picture: Picture, style: Vector) -> Picture:
        """One picture in a style; may be called by as many threads as pictures are stylized at
        once."""
        requests = self._idle.get()
        start = time.monotonic()
        try:
            first, others = requests
            vector = np.ascontiguousarray(style[None], np.float32)
            first.infer({"planes": picture[None], "style": vector}, share_inputs=True)
            others.infer({"style": vector}, share_inputs=True)
            made: Picture = others.get_output_tensor().data[0].copy()
        finally:
            self._idle.put(requests)
        with self._lock:
            self.busy_seconds += (time.monotonic() - start) / self.at_once
        return made


def best_precision(core: ov.Core) -> ov.Type:
    """The fastest in which this CPU computes by itself."""
    can = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ov.Type.bf16 if "BF16" in can else ov.Type.f32
