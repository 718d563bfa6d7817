"""Data beside a decoded frame, of which PyAV refuses all where it does not know one kind."""

from typing import cast

from av.filter import Graph
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame

_KINDS = range(64)
"""Of FFmpeg's `AVFrameSideDataType`; there are 32 in FFmpeg 8."""


def side_data(frame: VideoFrame) -> dict[str, bytes]:
    """What PyAV knows of the data beside a frame, by the name of its kind."""
    try:
        found = cast(SideDataContainer, frame.side_data)
    except ValueError:  # EXIF in photographs, the second view of spatial video
        found = cast(SideDataContainer, _without_unknown(frame).side_data)
    return {data.type.name: bytes(data) for data in found}


def display_matrix(frame: VideoFrame) -> bytes | None:
    """How players are to turn it."""
    return side_data(frame).get("DISPLAYMATRIX")


def _without_unknown(frame: VideoFrame) -> VideoFrame:
    known = {kind.value for kind in Type}
    graph = Graph()
    source = end = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base,
    )
    for kind in sorted(set(_KINDS) - known):
        drop = graph.add("sidedata", f"mode=delete:type={kind}")
        end.link_to(drop)
        end = drop
    sink = graph.add("buffersink")
    end.link_to(sink)
    graph.configure()
    source.push(frame)
    return cast(VideoFrame, sink.pull())
