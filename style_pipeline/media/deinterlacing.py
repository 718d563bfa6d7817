"""Make one whole frame of each interlaced one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import av
from av.filter import Graph
from av.video.frame import VideoFrame

from style_pipeline.media.filters import filter_graph

LEAST_WIDTH, LEAST_HEIGHT = 3, 4
"""Of what bwdif takes."""


def deinterlaced(frames: Iterable[VideoFrame], options: str) -> Iterator[VideoFrame]:
    """Each frame without combing, at its own time; `options` are bwdif's.

    It depends on the frames before and after it, and on no others.
    """
    waiting: deque[VideoFrame] = deque()
    graph: Graph | None = None
    format_before: tuple[object, ...] = ()
    for frame in frames:
        if frame.width < LEAST_WIDTH or frame.height < LEAST_HEIGHT:
            yield frame
            continue
        format_now = (frame.width, frame.height, frame.format.name)
        if graph is None or format_now != format_before:
            yield from _rest(graph, waiting)
            graph = filter_graph(frame, ("bwdif", f"mode=send_frame:{options}"))
            format_before = format_now
        waiting.append(frame)
        graph.vpush(frame)
        yield from _ready(graph, waiting)
    yield from _rest(graph, waiting)


def _rest(graph: Graph | None, waiting: deque[VideoFrame]) -> Iterator[VideoFrame]:
    if graph:
        graph.vpush(None)
        yield from _ready(graph, waiting)


def _ready(graph: Graph, waiting: deque[VideoFrame]) -> Iterator[VideoFrame]:
    while True:
        try:
            made = graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return
        source = waiting.popleft()
        # bwdif counts in half ticks.
        made.pts, made.time_base, made.duration = source.pts, source.time_base, source.duration
        yield made
