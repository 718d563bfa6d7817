"""One pass through a video: every frame in turn, and what of them is damaged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.cut import WHOLE, Cut, NothingLeft, Part
from style_pipeline.media.decoding import BARE, DAMAGE, decode, tells_when_decoded
from style_pipeline.media.deinterlacing import whole
from style_pipeline.media.ends import End
from style_pipeline.media.facts import track_facts
from style_pipeline.media.frame_index import SCHEMA, checksum
from style_pipeline.media.frame_times import in_order, wrong_time
from style_pipeline.media.interlacing import Fields
from style_pipeline.media.limits import MAX_FRAMES
from style_pipeline.media.lost import Lost
from style_pipeline.media.pictures import Picture, picture
from style_pipeline.media.probing import video_format
from style_pipeline.media.side_data import captions
from style_pipeline.media.source import UnreadableVideo, open_video, packets, time_base
from style_pipeline.media.video_format import VideoFormat

MAX_CUT_SECONDS = 15
"""Of pictures that may be missing at either end: groups of pictures are shorter."""


class NoTimes(Exception):
    """The frames of a file without times of presentation came with times all the same, or none."""


class Damaged(Exception):
    """Something cannot be decoded: what it is shows only where no two threads decode at once."""


class Reading:
    """One pass through a file. The first one expects nothing, and is over where something is."""

    def __init__(
        self,
        path: Path,
        *,
        counted: bool,
        damaged: bool,
        conceal: bool,
        fields: Fields,
        cut: Cut = WHOLE,
    ) -> None:
        self.path = path
        self.counted = counted
        self.damaged = damaged
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
        self.broken: list[int] = []
        """Times of what is damaged."""
        self.is_broken = False
        self.reordered = 0
        """How many pictures that are decoded earlier may be shown later than one."""
        self.has_times = False

    def read(
        self, on_frame: Callable[[int, Picture], None], on_progress: Callable[[int, int], None]
    ) -> tuple[VideoFormat, tuple[str, ...]]:
        described: VideoFormat | None = None
        with open_video(self.path, threads=not self.damaged) as (container, stream):
            self.part, self.tick = Part.of(container, stream, self.cut), time_base(stream)
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
                self.reordered = stream.codec_context.reorder_depth
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
                if self.is_broken
                else f"{self.path.name} has a video track without a single frame"
            )
        return described, self._left_out(described)

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
            on_broken=self._note_broken if self.damaged else None,
        )
        within = self._within(decoded, on_progress) if self.cut else decoded
        yield from whole(filter(self._is_taken, within), self.fields.deinterlacer)
        if not self.is_over:
            end.check()

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
            end.add(packet)
            yield packet

    def _note_broken(self, time: int | None) -> None:
        self.is_broken = True
        if time is not None and (not self.cut or self.part.holds_frame(time * self.tick)):
            self.broken.append(time)

    def _is_taken(self, frame: VideoFrame) -> bool:
        if self.conceal and frame.pts is None and self.has_times and not self.counted:
            return False
        if not frame.is_corrupt:
            self.has_begun = True
            return True
        if not self.damaged:
            raise Damaged
        self._note_broken(frame.pts)
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
        if not self.conceal or number >= MAX_FRAMES:
            raise UnreadableVideo(why)
        if not self.damaged:
            raise Damaged

    def _put_in_order(self, tick: Fraction) -> int:
        """Drop frames at times that others contradict, and tell how many."""
        kept = in_order(self.columns["pts"], tick=tick)
        dropped = len(self.columns["pts"]) - len(kept)
        for column in self.columns.values():
            column[:] = [column[row] for row in kept]
        self.columns["frame"] = list(range(len(kept)))
        pts = self.columns["pts"]
        for number, (before, time) in enumerate(pairwise(pts), start=1):
            if why := wrong_time(number, time, before, pts[0], tick=tick):
                raise UnreadableVideo(why)
        return dropped

    def _left_out(self, video: VideoFormat) -> tuple[str, ...]:
        """Drop what is damaged at the end, and say what is left out. Refuses damage between."""
        misplaced = self._put_in_order(video.time_base) if video.concealed else 0
        pts = self.columns["pts"]
        first = pts[0]
        # The last packets may hold pictures that are shown before some that are whole.
        shown_first = pts[-1 - self.reordered] if len(pts) > self.reordered else first
        head = [time for time in self.broken if time < first]
        tail = [time for time in self.broken if time > max(first, shown_first)]
        between = [time for time in self.broken if first < time <= shown_first]
        if between and not self.conceal:
            raise UnreadableVideo(f"frame {bisect_left(pts, min(between))} is damaged")
        for number, cut in ((0, head), (len(pts), tail)):
            lost = (max(cut) - min(cut)) * video.time_base if cut else 0
            if lost > MAX_CUT_SECONDS and not self.conceal:
                raise UnreadableVideo(f"frame {number} is damaged, and what comes next to it")
        kept = bisect_left(pts, min(tail)) if tail else len(pts)
        dropped = len(pts) - kept
        for column in self.columns.values():
            del column[kept:]
        said = {
            "whose times contradict those of others left out": misplaced,
            "before the first whole picture left out": len(head),
            "at the end, where it is cut off, left out": max(len(tail), dropped),
            "between, shown as the decoder makes them up": len(between),
        }
        damaged = (f"{count} damaged frames {what}" for what, count in said.items() if count)
        return (*damaged, *self.lost.notes())
