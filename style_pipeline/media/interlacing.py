"""Whether a video is interlaced, by what its frames show and by what it says of itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, Literal, cast

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from style_pipeline.media.facts import track_facts
from style_pipeline.media.source import open_video

Order = Literal["tff", "bff"]
"""Top or bottom field first."""
ORDERS: Final[tuple[Order, Order]] = ("tff", "bff")
Verdict = Literal["tff", "bff", "progressive"]
Luma = npt.NDArray[np.float32]

PLACES: Final = 4
FRAMES_AT_A_PLACE: Final = 16
COLUMNS: Final = 512
"""Of a frame, at most, that are compared."""
BLOCK: Final = (8, 16)
"""Lines of a field, and columns, that are judged together."""
LEAST_ROWS: Final = 4
"""Of a frame that has any fields to speak of."""
LEAST_COMBING: Final = 0.15
"""Gray levels per pixel, and share of what there is: where little moves, all weaves are alike."""


@dataclass(frozen=True)
class Sample:
    """What some frames say and show."""

    weaves: Counter[Verdict]
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
        options = deinterlacer(sample_fields(path))
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
    if sample.flagged or sample.order:
        is_interlaced = combed * (4 if is_seen else 1) >= whole
    elif idet[seen] * 10 >= sample.frames * 9:
        is_interlaced = weaves.total() > 0 and whole * 5 < weaves.total() * 3
    else:
        is_interlaced = is_seen and combed > 0 and combed * 2 >= whole
    if not is_interlaced:
        return ""
    parity = seen if is_seen else sample.order or "auto"
    # Where only some frames say so, the others are whole.
    only_flagged = 0 < sample.flagged < sample.frames
    return f"parity={parity}:deint={'interlaced' if only_flagged else 'all'}"


def sample_fields(path: Path, *, track: int | None = None) -> Sample:
    """Look at frames at a few places of a video. Raises `UnreadableVideo`."""
    weaves: Counter[Verdict] = Counter()
    idet: Counter[str] = Counter()
    frames = flagged = 0
    with open_video(path, track=track) as (container, stream):
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


def judge(before: Luma, after: Luma) -> Verdict | None:
    """What two frames in a row show; nothing where little moves.

    Three weaves are compared: of the fields of the first frame, and of each of them with the other
    field of the second frame. A progressive frame's own fields fit each other best, everywhere;
    else those fit best that follow each other in time, here these and there those.
    """
    top, bottom = before[0::2], before[1::2]
    own = _combing(top, bottom)
    later_top, later_bottom = (
        weave - own for weave in (_combing(after[0::2], bottom), _combing(top, after[1::2]))
    )
    if max(later_top.mean(), later_bottom.mean()) < LEAST_COMBING * max(1, own.mean() / 3):
        return None
    # Where another weave fits better than the frame's own one.
    tff = float(np.maximum(-later_top, 0)[later_top < later_bottom].sum())
    bff = float(np.maximum(-later_bottom, 0)[later_top >= later_bottom].sum())
    moved = float(np.maximum(later_top, later_bottom).clip(0).sum())
    if moved > own.sum() / 4 and tff + bff > moved / 16:
        return "tff" if tff > bff else "bff"
    by_all = _by_all(float(later_top.mean()), float(later_bottom.mean()))
    return by_all or ("progressive" if tff + bff < moved / 32 else None)


def _by_all(later_top: float, later_bottom: float) -> Verdict | None:
    """What follows from how much more combing the two other weaves have, all in all."""
    nearer, farther = sorted((later_top, later_bottom))
    if nearer > farther / 2:
        return "progressive"
    if nearer < farther / 4:
        return "tff" if later_top < later_bottom else "bff"
    return None


def _combing(top: Luma, bottom: Luma) -> Luma:
    """How much lines stand out from those above and below them, in gray levels: of each block."""
    rows = min(len(top), len(bottom)) - 1
    above, below, between = top[:rows], top[1 : rows + 1], bottom[:rows]
    low, high = np.minimum(above, below), np.maximum(above, below)
    outstanding = np.maximum(between - high, 0) + np.maximum(low - between, 0)
    tall, wide = (min(side, block) for side, block in zip(outstanding.shape, BLOCK, strict=True))
    down, across = outstanding.shape[0] // tall, outstanding.shape[1] // wide
    blocks = outstanding[: down * tall, : across * wide].reshape(down, tall, across, wide)
    return cast(Luma, blocks.mean(axis=(1, 3)))


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
            run.extend(islice(container.decode(stream), FRAMES_AT_A_PLACE))
        yield run
        if not duration or len(run) < FRAMES_AT_A_PLACE:
            return


def _idet(frames: list[VideoFrame]) -> Iterator[str]:
    """The filter's verdicts on frames in a row."""
    if not frames:
        return
    graph, first = Graph(), frames[0]
    source = graph.add_buffer(
        width=first.width, height=first.height, format=first.format, time_base=first.time_base
    )
    idet = graph.add("idet")
    source.link_to(idet)
    idet.link_to(graph.add("buffersink"))
    graph.configure()
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
