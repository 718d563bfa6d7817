"""Make one whole frame of each interlaced one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

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
    for (width, height, _), alike in groupby(frames, _format):
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            yield from alike
        else:
            yield from _deinterlaced(alike, options)


def _format(frame: VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name


def _deinterlaced(alike: Iterator[VideoFrame], options: str) -> Iterator[VideoFrame]:
    first = next(alike)
    graph = filter_graph(first, ("bwdif", f"mode=send_frame:{options}"))
    waiting: deque[VideoFrame] = deque()
    for frame in chain([first], alike):
        waiting.append(frame)
        graph.vpush(frame)
        yield from _ready(graph, waiting)
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
