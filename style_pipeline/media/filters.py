"""FFmpeg's filters on frames."""

from av.filter import Graph
from av.video.frame import VideoFrame


def filter_graph(like: VideoFrame, *filters: tuple[str, str]) -> Graph:
    """Filters, each with its options, one after another, for frames of one's size and format."""
    graph = Graph()
    source = graph.add_buffer(
        width=like.width, height=like.height, format=like.format, time_base=like.time_base
    )
    chain = (graph.add(name, options) for name, options in filters)
    graph.link_nodes(source, *chain, graph.add("buffersink")).configure()
    return graph
