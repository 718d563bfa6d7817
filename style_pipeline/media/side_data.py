"""Data beside a decoded frame, of which PyAV refuses all where it does not know one kind."""

import struct
from typing import cast

from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame

from style_pipeline.media.filters import filter_graph

_KINDS = range(64)
"""Of FFmpeg's `AVFrameSideDataType`; there are 32 in FFmpeg 8."""


def side_data(frame: VideoFrame) -> dict[str, bytes]:
    """What PyAV knows of the data beside a frame, by the name of its kind."""
    try:
        found = cast(SideDataContainer, frame.side_data)
    except ValueError:  # EXIF in photographs, the second view of spatial video
        found = cast(SideDataContainer, _without_unknown(frame).side_data)
    return {data.type.name: bytes(data) for data in found}


def captions(frame: VideoFrame) -> bytes:
    """CEA-608/708, as ATSC A/53 has them beside a frame."""
    try:
        found = cast(SideDataContainer, frame.side_data)
    except ValueError:  # in files that have no captions
        return b""
    return b"".join(bytes(data) for data in found if data.type.name == "A53_CC")


def mastering_display(frame: VideoFrame) -> str:
    """The colors and the light of the display that HDR was mastered on, as x265 takes it."""
    data = side_data(frame).get("MASTERING_DISPLAY_METADATA", b"")
    if len(data) < 88:
        return ""
    # Of AVMasteringDisplayMetadata: pairs of numerator and denominator, and whether they are there.
    *pairs, has_primaries, has_luminance = struct.unpack("=22i", data[:88])
    numbers = [n / d if d else 0 for n, d in zip(pairs[::2], pairs[1::2], strict=True)]
    if not has_primaries or not has_luminance or max(numbers[:8]) > 1:
        return ""
    red, green, blue, white = (
        "({},{})".format(*(round(number * 50_000) for number in numbers[at : at + 2]))
        for at in (0, 2, 4, 6)
    )
    least, most = (round(number * 10_000) for number in numbers[8:])
    return f"G{green}B{blue}R{red}WP{white}L({most},{least})"


def content_light(frame: VideoFrame) -> str:
    """HDR10's content light level: the brightest pixel, and the brightest frame's average."""
    data = side_data(frame).get("CONTENT_LIGHT_LEVEL", b"")
    return "{},{}".format(*struct.unpack("=2I", data[:8])) if len(data) >= 8 else ""


def _without_unknown(frame: VideoFrame) -> VideoFrame:
    unknown = sorted(set(_KINDS) - {kind.value for kind in Type})
    graph = filter_graph(frame, *(("sidedata", f"mode=delete:type={kind}") for kind in unknown))
    graph.vpush(frame)
    return graph.vpull()
