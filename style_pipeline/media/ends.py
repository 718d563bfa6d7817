"""Whether a file ends where it says: FFmpeg reads one that was cut off as if that were its end."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from style_pipeline.media.mp4_boxes import has_lost_fragments
from style_pipeline.media.source import UnreadableVideo

SLACK = Fraction(1)
"""Seconds by which a header may be wrong."""
_ISO_BMFF, _MATROSKA = "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"


class End:
    """Follows the packets of a file to its end."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.container = container
        self.stream = stream
        self.seconds = Fraction(0)
        self.packets = 0

    def add(self, packet: Packet[Stream]) -> None:
        if packet.pts is not None:
            until = (packet.pts + (packet.duration or 0)) * packet.time_base
            self.seconds = max(self.seconds, until)
        self.packets += bool(packet.size) and packet.stream.index == self.stream.index

    def check(self) -> None:
        """Raises `UnreadableVideo` where much is missing; FLV and MPEG-TS do not tell."""
        is_mp4 = self.container.format.name == _ISO_BMFF
        if is_mp4 and has_lost_fragments(Path(self.container.name)):
            raise UnreadableVideo(
                f"it is damaged after {float(self.seconds):.1f} s, where what follows is not found"
            )
        announced = self._announced()
        begins = max(Fraction(0), Fraction(self.container.start_time or 0, av.time_base))
        if announced - self.seconds > max(SLACK, (announced - begins) / 100):
            raise UnreadableVideo(
                f"it ends after {float(self.seconds):.1f} of {float(announced):.1f} s: "
                "upload the whole file"
            )

    def _announced(self) -> Fraction:
        """Seconds at which it should end by its header, or 0."""
        name = self.container.format.name
        if name == "avi":  # of which FFmpeg guesses the duration from the size
            return self.stream.frames / Fraction(self.stream.average_rate or 25)
        if name not in (_ISO_BMFF, _MATROSKA):
            return Fraction(0)
        duration = Fraction(self.container.duration or 0, av.time_base)
        # A duration may begin with the file's first frame or at time 0, as in Matroska and in
        # fragments, whose tables do not tell how many frames there should be.
        begins_with_it = name == _ISO_BMFF and self.packets < self.stream.frames
        start = Fraction(self.container.start_time or 0, av.time_base)
        return duration + start if begins_with_it else duration
