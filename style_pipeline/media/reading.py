"""One pass through a video: every frame in turn, and what of them is damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.cut import WHOLE, Cut, NothingLeft, Part
from style_pipeline.media.damage import Damage, Damaged, drop_damaged
from style_pipeline.media.decoding import BARE, DAMAGE, decode, tells_when_decoded
from style_pipeline.media.deinterlacing import deinterlaced
from style_pipeline.media.ends import End
from style_pipeline.media.facts import track_facts
from style_pipeline.media.frame_index import SCHEMA, checksum
from style_pipeline.media.frame_times import wrong_time
from style_pipeline.media.interlacing import Fields
from style_pipeline.media.limits import MAX_FRAMES
from style_pipeline.media.lost import Lost
from style_pipeline.media.pictures import Picture, picture
from style_pipeline.media.probing import video_format
from style_pipeline.media.side_data import captions
from style_pipeline.media.source import (
    DamagedVideo,
    UnreadableVideo,
    open_video,
    packets,
    time_base,
)
from style_pipeline.media.video_format import VideoFormat


class NoTimes(Exception):
    """The frames of a file without times of presentation came with times all the same, or none."""


class Reading:
    """One pass through a file. The first one expects nothing, and is over where something is."""

    def __init__(
        self,
        path: Path,
        *,
        counted: bool,
        damaged: bool,
        missing: Sequence[Fraction],
        conceal: bool,
        fields: Fields,
        cut: Cut = WHOLE,
    ) -> None:
        self.path = path
        self.counted = counted
        self.damaged = damaged
        self.missing = missing
        """Seconds before which something is missing in the file."""
        self.conceal = conceal
        self.fields = fields
        self.cut = cut
        self.part = Part(Fraction(0), None)
        self.tick = Fraction(1)
        self.skipped = 0
        """Frames before the cut."""
        self.is_over = False
        """What follows is cut off."""
        self.has_begun = False
        self.lost = Lost()
        self.captions: dict[int, bytes] = {}
        """By the PTS of the frame that they come with."""
        self.columns: dict[str, list[int]] = {name: [] for name in SCHEMA.names}
        self.damage = Damage(expected=damaged, is_taken=self._holds)
        self.has_times = False

    def read(
        self, on_frame: Callable[[int, Picture], None], on_progress: Callable[[int, int], None]
    ) -> tuple[VideoFormat, tuple[str, ...]]:
        described: VideoFormat | None = None
        with open_video(self.path, threads=not self.damaged) as (container, stream):
            self.part, self.tick = Part.of(container, stream, self.cut), time_base(stream)
            for second in self.missing:
                self.damage.find(round(second / self.tick))
            promised = stream.frames if self.cut.end is None else 0
            try:
                for frame in self._frames(container, stream, on_progress):
                    described = described or video_format(
                        container,
                        stream,
                        frame,
                        cut=self.cut,
                        counted=self.counted,
                        damaged=self.damaged,
                        concealed=self.damaged and self.conceal,
                        deinterlaced=self.fields.deinterlacer,
                        fields=self.fields.kept,
                    )
                    number = len(self.columns["pts"])
                    self._check_time(frame, container, stream, described.time_base)
                    self.lost.add(frame)
                    if found := captions(frame):
                        self.captions[cast(int, frame.pts)] = found
                    planes = picture(frame, described)
                    row = (number, frame.pts, frame.duration, frame.key_frame, checksum(planes))
                    for column, value in zip(self.columns.values(), row, strict=True):
                        column.append(cast(int, value))
                    on_frame(number, planes)
                    on_progress(self.skipped + number + 1, promised)
                self.lost.of_track(track_facts(container)[stream.index])
                reordered = stream.codec_context.reorder_depth
            except DAMAGE as error:
                # From its first picture on it is no damage, but something that cannot be.
                begins = isinstance(error, av.InvalidDataError) or self.columns["pts"]
                if self.damaged or not begins:
                    raise
                raise Damaged from None
        if described is None and self.skipped + self.is_over:
            raise NothingLeft(f"{self.path.name} has no frame {self.cut}")
        if described is None:
            raise UnreadableVideo(
                f"{self.path.name} cannot be decoded: Invalid data found when processing input"
                if self.damage.is_any
                else f"{self.path.name} has a video track without a single frame"
            )
        left_out = drop_damaged(
            self.columns, self.damage, described, conceal=self.conceal, reordered=reordered
        )
        return described, (*left_out, *self.lost.notes())

    def _frames(
        self,
        container: InputContainer,
        stream: VideoStream,
        on_progress: Callable[[int, int], None],
    ) -> Iterator[VideoFrame]:
        """All frames. FFmpeg reads a file that was cut off as if it had ended there."""
        end = End(container, stream)
        decoded = decode(
            self._watched(end),
            stream,
            counted=self.counted,
            on_broken=self.damage.find if self.damaged else None,
        )
        seen = map(self.damage.see, decoded)
        within = self._within(seen, on_progress) if self.cut else seen
        taken, options = filter(self._is_taken, within), self.fields.deinterlacer
        yield from deinterlaced(taken, options) if options else taken
        if not self.is_over:
            end.check()
            self.damage.end()

    def _within(
        self, frames: Iterator[VideoFrame], on_progress: Callable[[int, int], None]
    ) -> Iterator[VideoFrame]:
        """Those of the part that is taken; none is decoded after its end."""
        for frame in frames:
            if frame.pts is None or self.part.holds_frame(frame.pts * self.tick):
                yield frame
            elif frame.pts * self.tick < self.part.start:
                self.skipped += 1
                on_progress(self.skipped, 0)
            else:
                self.is_over = True
                return

    def _watched(self, end: End) -> Iterator[Packet[Stream]]:
        for packet in packets(end.container):
            if packet.stream.index == end.stream.index and packet.size:
                self.has_times |= packet.pts is not None
                bare = end.container.format.name in BARE
                if self.counted and packet.dts is None and not bare:
                    raise UnreadableVideo(f"frame {len(self.columns['pts'])} has no timestamp")
                if not self.counted:
                    self.damage.send(packet, end.stream.codec_context.name)
            end.add(packet)
            yield packet

    def _holds(self, time: int) -> bool:
        return not self.cut or self.part.holds_frame(time * self.tick)

    def _is_taken(self, frame: VideoFrame) -> bool:
        if self.conceal and frame.pts is None and self.has_times and not self.counted:
            return False
        if not frame.is_corrupt:
            self.has_begun = True
            return True
        self.damage.find(frame.pts)
        return self.conceal and self.has_begun

    def _check_time(
        self, frame: VideoFrame, container: InputContainer, stream: VideoStream, tick: Fraction
    ) -> None:
        """Refuse a frame that is not later than those before it, or much later.

        Where damage is concealed they are put in order in the end, when all are known.
        """
        before = self.columns["pts"]
        number = len(before)
        may_be_counted = not self.has_times or tells_when_decoded(container, stream)
        if frame.pts is None:
            why = f"frame {number} has no timestamp"
            raise NoTimes(why) if may_be_counted else UnreadableVideo(why)
        if not before:
            return
        why = wrong_time(number, frame.pts, before[-1], before[0], tick=tick)
        if not why:
            return
        if may_be_counted and frame.pts <= before[-1]:
            raise NoTimes(why)
        if number >= MAX_FRAMES:
            raise UnreadableVideo(why)
        if not self.conceal:
            raise DamagedVideo(why)
        if not self.damaged:
            raise Damaged
