"""What of a video cannot be decoded, and what is left of it then."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise

from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from style_pipeline.media.frame_times import in_order, wrong_time
from style_pipeline.media.proving import TELLING
from style_pipeline.media.source import DamagedVideo, UnreadableVideo
from style_pipeline.media.video_format import VideoFormat

MAX_CUT_SECONDS = 15
"""Of pictures that may be missing at either end: groups of pictures are shorter."""

Columns = dict[str, list[int]]


class Damaged(Exception):
    """Something cannot be decoded: what it is shows only where no two threads decode at once."""


class Damage:
    """Collects the times of what is damaged as packets and frames pass.

    Unless damage is `expected`, the first that is found raises `Damaged`.
    """

    def __init__(self, *, expected: bool, is_taken: Callable[[int], bool]) -> None:
        self.expected = expected
        self.is_taken = is_taken
        """Whether a time is in the part of the video that is taken."""
        self.times: list[int] = []
        self.is_any = False
        self.unseen: list[int] = []
        """Times of packets whose pictures have not come out yet."""

    def find(self, time: int | None) -> None:
        if not self.expected:
            raise Damaged
        self.is_any = True
        if time is not None and self.is_taken(time):
            self.times.append(time)

    def send(self, packet: Packet[Stream], codec: str) -> None:
        """Look at a packet of pictures on its way to the decoder."""
        if packet.pts is not None:
            self.unseen.append(packet.pts)
        if packet.is_corrupt and codec not in TELLING:
            self.find(packet.pts)

    def see(self, frame: VideoFrame) -> VideoFrame:
        """A frame is there: of the packets before it no others will come."""
        if frame.pts is not None:
            # Where each field is a packet, the second may begin where the first one's time ends.
            until = frame.pts + (frame.duration or 1)
            self.unseen = [time for time in self.unseen if time > until]
        return frame

    def end(self) -> None:
        """Of the last packets, which may be of pictures of which their decoder makes nothing."""
        for time in self.unseen:
            self.find(time)


def put_in_order(columns: Columns, video: VideoFormat) -> int:
    """Drop frames at times that others contradict, and tell how many."""
    kept = in_order(columns["pts"], tick=video.time_base)
    dropped = len(columns["pts"]) - len(kept)
    for column in columns.values():
        column[:] = [column[row] for row in kept]
    columns["frame"] = list(range(len(kept)))
    first = columns["pts"][0]
    for number, (before, time) in enumerate(pairwise(columns["pts"]), start=1):
        if why := wrong_time(number, time, before, first, tick=video.time_base):
            raise UnreadableVideo(why)
    return dropped


def drop_damaged(
    columns: Columns, damage: Damage, video: VideoFormat, *, conceal: bool, reordered: int
) -> tuple[str, ...]:
    """Drop what is damaged at the end, and say what of the frames is not as it was.

    `reordered` pictures that are decoded earlier may be shown later than one. Raises `DamagedVideo`
    where something between is damaged, unless it is to be concealed.
    """
    misplaced = put_in_order(columns, video) if video.concealed else 0
    pts, times = columns["pts"], damage.times
    first = pts[0]
    # The last packets may hold pictures that are shown before some that are whole.
    shown_first = pts[-1 - reordered] if len(pts) > reordered else first
    head = [time for time in times if time < first]
    tail = [time for time in times if time > max(first, shown_first)]
    between = [time for time in times if first < time <= shown_first]
    if between and not conceal:
        raise DamagedVideo(f"frame {bisect_left(pts, min(between))} is damaged")
    for number, cut in ((0, head), (len(pts), tail)):
        lost = (max(cut) - min(cut)) * video.time_base if cut else 0
        if lost > MAX_CUT_SECONDS and not conceal:
            raise DamagedVideo(f"frame {number} is damaged, and what comes next to it")
    kept = bisect_left(pts, min(tail)) if tail else len(pts)
    dropped = len(pts) - kept
    for column in columns.values():
        del column[kept:]
    said = {
        "whose times contradict those of others left out": misplaced,
        "before the first whole picture left out": len(head),
        "at the end, where it is cut off, left out": max(len(tail), dropped),
        "between, shown as the decoder makes them up": len(between),
    }
    return tuple(f"{count} damaged frames {what}" for what, count in said.items() if count)
