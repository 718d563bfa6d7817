"""Decode any range of a video's frames, each one proved to be the frame that was indexed."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from av.video.frame import VideoFrame

from style_pipeline.media.cut import Part
from style_pipeline.media.decoding import decode
from style_pipeline.media.deinterlacing import deinterlaced
from style_pipeline.media.frame_index import FrameIndex, checksum
from style_pipeline.media.pictures import Picture, picture
from style_pipeline.media.source import UnreadableVideo, open_video, packets

FROM_THE_TOP = -1


def read_range(path: Path, index: FrameIndex, frames: range) -> Iterator[Picture]:
    """Yield the coded pictures of `frames` in order.

    Seeking is exact in most containers and off in some (MPEG-TS with open GOPs): a frame whose
    checksum is not the indexed one is looked for again from a key frame more than twice as far
    back, in the end from the start of the file.

    Where damage is concealed, what it looks like is not the same each time: from the start of the
    file whatever is shown at a frame's time is taken. Raises `UnreadableVideo` where the file no
    longer holds the indexed frames.
    """
    row = frames.start
    # What comes out of two fields depends on the frame before, too.
    start = index.key_frame_at_or_before(max(0, row - bool(index.video.deinterlaced)))
    while row < frames.stop:
        try:
            for planes in _matching(path, index, range(row, frames.stop), seek_to=start):
                yield planes
                row += 1
        except UnreadableVideo:
            # After a seek a decoder may miss what the first pictures refer to.
            if start == FROM_THE_TOP:
                raise
        if row < frames.stop:
            if start == FROM_THE_TOP:
                raise UnreadableVideo(
                    f"frame {row} of {path.name} is not the frame that was indexed"
                )
            earlier = start - (row - start) - 1
            start = index.key_frame_at_or_before(earlier) if earlier >= 0 else FROM_THE_TOP


def _matching(path: Path, index: FrameIndex, frames: range, *, seek_to: int) -> Iterator[Picture]:
    """The pictures from the first of `frames` on, until one does not match its row."""
    row = frames.start
    video = index.video
    with open_video(path, track=video.track, threads=not video.damaged) as (container, stream):
        # Where frames are counted, they are from the first one on.
        if seek_to != FROM_THE_TOP and not video.counted:
            container.seek(int(index.pts[seek_to]), stream=stream)
        decoded = decode(
            packets(container, [stream]),
            stream,
            counted=video.counted,
            on_broken=_pass_over if video.damaged else None,
        )
        if video.deinterlaced:
            part = Part.of(container, stream, video.cut)
            decoded = deinterlaced(_taken(decoded, index, part), video.deinterlaced)
        for frame in decoded:
            if row == frames.stop:
                return
            if frame.pts is None or frame.pts < index.pts[row]:
                continue
            if frame.pts != index.pts[row] and (frame.is_corrupt or _is_misplaced(frame, index)):
                continue
            planes = picture(frame, video)
            is_it = video.concealed and seek_to == FROM_THE_TOP
            is_it = is_it or checksum(planes) == index.checksums[row]
            if frame.pts != index.pts[row] or not is_it:
                return
            yield planes
            row += 1


def _taken(frames: Iterable[VideoFrame], index: FrameIndex, part: Part) -> Iterator[VideoFrame]:
    """Those that took part when the video was indexed."""
    first, video = int(index.pts[0]), index.video
    for frame in frames:
        pts = frame.pts
        if video.cut and pts is not None and not part.holds_frame(pts * video.time_base):
            continue
        if not frame.is_corrupt or (video.concealed and pts is not None and pts >= first):
            yield frame


def _is_misplaced(frame: VideoFrame, index: FrameIndex) -> bool:
    """Whether a frame was left out for a time that others contradict."""
    return index.video.concealed and frame.pts not in index.durations


def _pass_over(time: int | None) -> None:
    """Whatever is in the index is proved to be the same; what is not is not missed."""
