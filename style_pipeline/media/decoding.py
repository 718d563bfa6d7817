"""Decode the pictures of a video in order, also where the file is not all it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from heapq import heappop, heappush
from typing import Final, cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.source import UnreadableVideo, time_base

BARE: Final = ("h264", "hevc")
"""Formats of streams without a container, of which the rate tells all times."""

DAMAGE: Final = (av.InvalidDataError, av.ArgumentError, av.PatchWelcomeError)
"""What decoders call what they can make nothing of."""


def decode(
    packets: Iterable[Packet[Stream]] | Iterable[Packet[VideoStream]],
    stream: VideoStream,
    *,
    counted: bool = False,
    on_broken: Callable[[int | None], None] | None = None,
) -> Iterator[VideoFrame]:
    """The frames of `stream` in order of presentation.

    `counted` frames are shown in turn: the n-th at the n-th of the times at which frames are
    decoded, so that it matters where `packets` begin. With `on_broken` a packet that cannot be
    decoded is passed over, and its time given to it.
    """
    clock = _Clock(stream)
    for packet in packets:
        if packet.stream.index != stream.index:
            continue
        if packet.has_sidedata("encryption_info"):
            raise UnreadableVideo("it is encrypted: export it without copy protection")
        clock.add(packet)
        if not packet.size and packet.dts is not None:
            continue  # the picture before it stays, as Theora has it; the last of all has no time
        try:
            frames = cast("Packet[VideoStream]", packet).decode()
        except DAMAGE:
            if on_broken is None:
                raise
            on_broken(packet.dts if packet.pts is None else packet.pts)
            continue
        for frame in frames:
            if counted:
                frame.pts = clock.next()
            yield frame


def tells_when_decoded(container: InputContainer, stream: VideoStream) -> bool:
    """Whether its times are those of decoding: of AVI, and of Matroska that was made of AVI."""
    from_avi = container.format.name == "matroska,webm" and stream.codec_context.codec_tag[0] > "\0"
    return container.format.name == "avi" or from_avi


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames a second, on average; what FFmpeg says of bare streams is 25 whatever they say."""
    is_bare = stream.container.format.name in BARE
    rates = (stream.average_rate, stream.guessed_rate)
    first, second = reversed(rates) if is_bare else rates
    return Fraction(first or second or 25)


class _Clock:
    """Times of frames that come without any."""

    def __init__(self, stream: VideoStream) -> None:
        self.step = max(1, round(1 / (frame_rate(stream) * time_base(stream))))
        self.is_bare = stream.container.format.name in BARE
        self.decoded: list[int] = []
        self.last: int | None = None

    def add(self, packet: Packet[Stream] | Packet[VideoStream]) -> None:
        if packet.size and packet.dts is not None and not self.is_bare:
            heappush(self.decoded, packet.dts)

    def next(self) -> int:
        after = 0 if self.last is None else self.last + 1
        while self.decoded and (self.last is not None and self.decoded[0] < after):
            heappop(self.decoded)
        if self.decoded:
            self.last = heappop(self.decoded)
        else:
            self.last = 0 if self.last is None else self.last + self.step
        return self.last
