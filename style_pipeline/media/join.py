"""Join the segments of a video into its styled pictures, without re-encoding."""

from collections.abc import Sequence
from pathlib import Path

import av
from av.video.stream import VideoStream

from style_pipeline.media.captions import PREFIXES, captioned
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.immersive import mark_pictures
from style_pipeline.media.segment import (
    BrokenSegment,
    Origin,
    open_segment,
    read_packets,
    verify_segment,
)


def join_segments(
    segments: Sequence[tuple[Path, range]], index: FrameIndex, output: Path, *, origin: Origin
) -> None:
    """Join verified segments into one video track.

    The film's clock is the source's, less the time at which the source starts. Raises
    `BrokenSegment` unless they cover the index exactly, in order, were all made from `origin`,
    and were encoded alike.
    """
    covered = [frame for _, frames in segments for frame in frames]
    if covered != list(range(len(index))):
        raise BrokenSegment("the segments do not cover every frame exactly once")
    if len({_settings(path) for path, _ in segments}) > 1:
        raise BrokenSegment("the segments were encoded differently: backfill all of them")
    order = [
        pts
        for path, frames in segments
        for pts in verify_segment(path, index, frames, origin=origin)
    ]
    time_base = index.video.time_base
    clock_start = int(index.video.start / time_base)
    decode_times = iter(decoding_times(order, index.pts.tolist()))
    # Edit lists count in the movie's time scale: in the track's they are exact.
    exact = {"movie_timescale": str(time_base.denominator)}
    with av.open(str(output), "w", format="mp4", options=exact) as film:
        track, codec = _track_like(film, segments[0][0])
        track.time_base = time_base
        for path, frames in segments:
            for relative, packet in read_packets(path, time_base):
                pts = relative + int(index.pts[frames.start])
                packet.stream = track
                packet.time_base = time_base
                packet.pts = pts - clock_start
                packet.dts = next(decode_times) - clock_start
                packet.duration = index.durations[pts]
                if codec in PREFIXES and (captions := index.captions.get(pts)):
                    packet = captioned(packet, captions, codec=codec)
                film.mux(packet)
    mark_pictures(output, index.video)


def _track_like(film: av.container.OutputContainer, segment: Path) -> tuple[VideoStream, str]:
    """A track for the packets of segments like one, and the name of their codec."""
    with open_segment(segment) as container:
        template = container.streams.video[0]
        # Of AV1, PyAV would look for an encoder by its decoder's name.
        track = film.add_stream_from_template(template, opaque=True)
        return track, template.codec_context.name


def _settings(segment: Path) -> bytes | None:
    """The parameter sets, by which every frame is decoded: a track has only the first segment's."""
    with open_segment(segment) as container:
        return container.streams.video[0].codec_context.extradata


def decoding_times(order: Sequence[int], presentation: Sequence[int]) -> list[int]:
    """Decoding timestamps for packets whose PTS come in `order`; `presentation` is `order` sorted.

    A segment's own clock may start before the previous one's last decoding time. Over the whole
    film the n-th packet is decoded when the frame `delay` places earlier is shown, where `delay`
    is how far B-frames take a packet ahead of its place.
    """
    rank = {pts: place for place, pts in enumerate(presentation)}
    delay = max(place - rank[pts] for place, pts in enumerate(order))
    step = presentation[1] - presentation[0] if len(presentation) > 1 else 1
    lead = [presentation[0] - step * (delay - place) for place in range(delay)]
    return [*lead, *presentation][: len(order)]
