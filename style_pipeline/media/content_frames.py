"""A few pictures of a video, as something to learn from."""

from contextlib import suppress
from itertools import islice
from pathlib import Path

import av
from PIL import Image

from style_pipeline.media.decoding import decode
from style_pipeline.media.images import to_image
from style_pipeline.media.pictures import picture, upright
from style_pipeline.media.probing import video_format
from style_pipeline.media.source import UnreadableVideo, open_video, packets
from style_pipeline.media.video_format import VideoFormat

MOST_DECODED = 60
"""Frames behind a key frame: which of them is taken matters less than the time to reach it."""


def content_frames(path: Path, count: int, *, longest: int) -> list[Image.Image]:
    """At most `count` upright pictures spread over a video, reduced to `longest` pixels a side.

    There are fewer of a video that is short or has few places to seek to. Raises `UnreadableVideo`
    where it cannot be opened or has no picture.
    """
    found: dict[int, Image.Image] = {}
    described: VideoFormat | None = None
    with open_video(path) as (container, stream):
        start, duration = container.start_time or 0, container.duration or 0
        for place in range(count):
            target = start + duration * (2 * place + 1) // (2 * count)
            if duration:
                try:
                    container.seek(target)
                except av.FFmpegError:  # what cannot be sought in is read on from where it is
                    duration = 0
            chosen = None
            for frame in islice(decode(packets(container, [stream]), stream), MOST_DECODED):
                chosen = frame
                if frame.time is None or frame.time * av.time_base >= target:
                    break
            if chosen is None or chosen.is_corrupt or chosen.pts in found:
                continue
            described = described or video_format(container, stream, chosen)
            image = to_image(upright(picture(chosen, described), described), described)
            image.thumbnail((longest, longest))
            found[chosen.pts or 0] = image
    return [found[pts] for pts in sorted(found)]


def frame_at(path: Path, seconds: float) -> Image.Image:
    """The upright picture that a video shows at a time, counted from its start.

    Raises `UnreadableVideo` where it cannot be opened or ends before.
    """
    with open_video(path) as (container, stream):
        target = (container.start_time or 0) + round(seconds * av.time_base)
        with suppress(av.FFmpegError):  # what cannot be sought in is read from its start
            container.seek(target)
        shown = None
        for frame in decode(packets(container, [stream]), stream):
            if shown and frame.time is not None and frame.time * av.time_base > target:
                break
            shown = frame
        else:
            lasts = (shown.duration or 0) * (stream.time_base or 0) if shown else 0
            if shown is None or ((shown.time or 0) + float(lasts)) * av.time_base < target:
                raise UnreadableVideo(f"{path.name} ends before {seconds:g} s")
        described = video_format(container, stream, shown)
        return to_image(upright(picture(shown, described), described), described)
