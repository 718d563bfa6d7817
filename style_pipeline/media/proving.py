"""Read a video again, as it will be read to be stylized: what some decoders do not tell shows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.source import DamagedVideo, UnreadableVideo
from style_pipeline.media.video_format import VideoFormat

TELLING: Final = frozenset(
    {
        *("h264", "mpeg1video", "mpeg2video", "mpeg4", "h263", "flv", "vp9", "libdav1d", "av1"),
        *("msmpeg4v1", "msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "rawvideo", "ffv1", "theora"),
    }
)
"""Decoders that mark what is damaged, or make the same of it each time.

Others leave in a picture what was in its memory before, which is something else each time."""
MOST_CUT: Final = 16
"""Frames at the end that a packet which is cut off may take with it."""


def tells_of_damage(video: VideoFormat) -> bool:
    """Whether its decoder does, so that nothing has to be `proven`."""
    return video.codec in TELLING


def proven(
    path: Path,
    index: FrameIndex,
    *,
    conceal: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, promised: None,
) -> FrameIndex:
    """The index, of frames that are the same each time that they are decoded.

    Others are damaged: they are left out at the end, and between as `conceal` says. Raises
    `UnreadableVideo`.
    """
    video = index.video
    if conceal:
        # Which frames are not the same each time may show only another time.
        index = replace(index, video=replace(video, concealed=True))
    row = 0
    try:
        # As if nothing were concealed, so that it can be said.
        for row in _rows(path, replace(index, video=replace(video, concealed=False))):
            on_progress(row, len(index))
    except UnreadableVideo:
        if 0 < len(index) - row <= MOST_CUT and row:
            return _ended(index, row)
        if not conceal:
            raise DamagedVideo(f"frame {row} is damaged") from None
        said = f"frame {row} and maybe others are damaged, shown as the decoder makes them up"
        return replace(index, left_out=(*index.left_out, said))
    return index


def _rows(path: Path, index: FrameIndex) -> Iterator[int]:
    """How many frames have been read, chunk by chunk."""
    yield 0
    for chunk in index.chunks:
        for row, _ in enumerate(read_range(path, index, chunk), start=chunk.start):
            yield row + 1


def _ended(index: FrameIndex, row: int) -> FrameIndex:
    """The frames before a row."""
    said = f"{len(index) - row} damaged frames at the end, where it is cut off, left out"
    return replace(
        index,
        rows=index.rows.slice(0, row),
        chunks=tuple(range(c.start, min(c.stop, row)) for c in index.chunks if c.start < row),
        left_out=(*index.left_out, said),
    )
