"""Whether a video is interlaced, by what its frames show and by what it says of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, Literal

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.decoding import decode
from style_pipeline.media.facts import track_facts
from style_pipeline.media.filters import filter_graph
from style_pipeline.media.source import UnreadableVideo, open_video, packets
from style_pipeline.media.weaves import LEAST_ROWS, Luma, judge

Order = Literal["tff", "bff"]
"""Top or bottom field first."""
ORDERS: Final[tuple[Order, Order]] = ("tff", "bff")

PLACES: Final = 4
FRAMES_AT_A_PLACE: Final = 16
LEAST_VERDICTS: Final = 4
"""Pairs of frames that must show it of a video that says nothing."""
COLUMNS: Final = 512
"""Of a frame, at most, that are compared."""


@dataclass(frozen=True)
class Sample:
    """What some frames say and show."""

    weaves: Counter[str]
    """Verdicts of `judge`."""
    idet: Counter[str]
    """Those of FFmpeg's filter of that name."""
    frames: int = 0
    flagged: int = 0
    """Frames that say that they are interlaced."""
    order: str = ""
    """Of the fields, as the container has it."""


@dataclass(frozen=True)
class Fields:
    """What is done about the fields of a video."""

    deinterlacer: str = ""
    """Options of FFmpeg's bwdif."""
    kept: str = ""
    """Which field comes first, in a video that stays as it is."""

    @classmethod
    def of(cls, path: Path, *, deinterlace: bool) -> Fields:
        """By what the video is found to be."""
        try:
            options = deinterlacer(sample_fields(path))
        except UnreadableVideo:  # which whoever reads all of it says better
            return cls()
        if deinterlace or not options:
            return cls(options)
        return cls(kept="bff" if "parity=bff" in options else "tff")


def deinterlacer(sample: Sample) -> str:
    """Options of FFmpeg's bwdif for a video like this, or nothing where it is progressive.

    A video that says it is interlaced is believed unless its frames clearly show otherwise, as in
    progressive films on DVDs. One that does not is not, unless both idet and the weaves show it:
    idet takes fine vertical detail in motion for combing, as in FFmpeg's own test pictures, and the
    weaves take noise for it.
    """
    weaves, idet = sample.weaves, sample.idet
    seen = max(ORDERS, key=lambda order: idet[order])
    is_seen = idet[seen] * 2 >= sample.frames > 1
    combed, whole = abs(weaves["tff"] - weaves["bff"]), weaves["progressive"]
    shown = combed >= LEAST_VERDICTS or weaves["tff"] + weaves["bff"] >= 2 * LEAST_VERDICTS
    if sample.flagged or sample.order:
        is_interlaced = combed * (4 if is_seen else 1) >= whole
    elif idet[seen] * 10 >= sample.frames * 9:
        is_interlaced = shown and whole * 5 < weaves.total() * 3
    else:
        is_interlaced = is_seen and combed >= LEAST_VERDICTS and combed * 2 >= whole
    if not is_interlaced:
        return ""
    parity = seen if is_seen else sample.order or "auto"
    # Where only some frames say so, the others are whole.
    only_flagged = 0 < sample.flagged < sample.frames
    return f"parity={parity}:deint={'interlaced' if only_flagged else 'all'}"


def sample_fields(path: Path) -> Sample:
    """Look at frames at a few places of a video. Raises `UnreadableVideo`."""
    weaves: Counter[str] = Counter()
    idet: Counter[str] = Counter()
    frames = flagged = 0
    with open_video(path) as (container, stream):
        order = track_facts(container)[stream.index].fields
        for run in _runs(container, stream):
            flagged += sum(frame.interlaced_frame for frame in run)
            frames += len(run)
            idet.update(_idet(run))
            lumas = [_luma(frame) for frame in run]
            for before, after in pairwise(lumas):
                if before.shape != after.shape or len(before) < LEAST_ROWS:
                    continue
                if verdict := judge(before, after):
                    weaves[verdict] += 1
    return Sample(weaves, idet, frames, flagged, order)


def _runs(container: InputContainer, stream: VideoStream) -> Iterator[list[VideoFrame]]:
    """Frames in a row, at a few places."""
    start, duration = container.start_time or 0, container.duration or 0
    for place in range(PLACES):
        if place:
            try:
                container.seek(start + duration * place // PLACES)
            except av.FFmpegError:
                return
        run: list[VideoFrame] = []
        # What is damaged is found, and said, by who reads the whole file.
        with suppress(av.FFmpegError):
            run.extend(islice(decode(packets(container, [stream]), stream), FRAMES_AT_A_PLACE))
        yield run
        if not duration or len(run) < FRAMES_AT_A_PLACE:
            return


def _idet(frames: list[VideoFrame]) -> Iterator[str]:
    """The filter's verdicts on frames in a row."""
    if not frames:
        return
    first = frames[0]
    graph = filter_graph(first, ("idet", ""))
    for frame in [*frames, None]:
        if frame and (frame.width, frame.height) != (first.width, first.height):
            return
        graph.vpush(frame)
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                yield graph.vpull().metadata.get("lavfi.idet.multiple.current_frame", "")


def _luma(frame: VideoFrame) -> Luma:
    gray = frame.reformat(format="gray").to_ndarray()
    step = -(-gray.shape[1] // COLUMNS)
    return gray[:, ::step].astype(np.float32)
