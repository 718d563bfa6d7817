"""A part of a video: from when to when it is taken."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from style_pipeline.media.source import UnreadableVideo, time_base

LEAD: Final = Fraction(1, 10)
"""Seconds of audio before the part, which decoders need and players leave out by the edit list."""


class NothingLeft(UnreadableVideo):
    """A video has no frame in the part that is to be taken."""

    remedy = "change from or to"


@dataclass(frozen=True)
class Cut:
    """Times in the film that the whole video would become."""

    start: Fraction = Fraction(0)
    end: Fraction | None = None

    def __bool__(self) -> bool:
        """Whether anything is cut off."""
        return bool(self.start) or self.end is not None

    def __str__(self) -> str:
        start = f"from {float(self.start):g} s" if self.start else ""
        end = "" if self.end is None else f"to {float(self.end):g} s"
        return " ".join(filter(None, (start, end)))


WHOLE: Final = Cut()


@dataclass(frozen=True)
class Part:
    """What is taken of a video, in seconds on its own clock."""

    start: Fraction
    """At which the film's clock is 0."""
    end: Fraction | None
    skipped: Fraction = Fraction(0)
    """Seconds from where the film of the whole video would begin."""

    @classmethod
    def of(cls, container: InputContainer, stream: VideoStream, cut: Cut) -> "Part":
        """The same for whoever opens the file, so that pictures and sound are cut alike.

        It begins with the first frame that is not before the cut, where frames come at an even
        rate; else within a frame of the cut.
        """
        whole = clock_start(container, stream)
        end = None if cut.end is None else whole + cut.end
        if not cut.start:
            return cls(whole, end)
        wanted, tick = whole + cut.start, time_base(stream)
        first = (stream.start_time or 0) * tick
        if rate := Fraction(stream.average_rate or 0):
            wanted = first + ceil((wanted - first) * rate) / rate
        start = wanted // tick * tick
        return cls(start, end, start - whole)

    def holds_frame(self, at: Fraction) -> bool:
        """Whether a frame that is shown then belongs to it."""
        return at >= self.start and (self.end is None or at < self.end)

    def holds_sound(self, at: Fraction, length: Fraction, *, lead: bool) -> bool:
        """Whether audio that begins then, and lasts so long, is kept.

        Without a ``lead``, as in Matroska, which knows no edit list, none begins before the part.
        """
        begins = at + length > self.start - LEAD if lead else at >= self.start
        return (begins or not self.skipped) and (self.end is None or at < self.end)


def clock_start(container: InputContainer, stream: VideoStream) -> Fraction:
    """Seconds on the source's clock at which the film's clock is 0.

    A whole number of the stream's ticks, so that every picture's time is exact. Where the source
    starts late (MPEG-TS does) the wait is left out. A negative start is kept for sound, which
    players trim (encoder delay), and never for pictures.
    """
    start = Fraction(container.start_time or 0, av.time_base)
    tick = time_base(stream)
    return start // tick * tick if start > 0 or (stream.start_time or 0) < 0 else Fraction(0)
