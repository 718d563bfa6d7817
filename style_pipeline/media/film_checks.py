"""Look at a finished film before anyone else does, and say what is wrong with it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from style_pipeline.media.audio_tracks import SYNC_TOLERANCE, read_audio_tracks
from style_pipeline.media.captions import PREFIXES
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.hdr import as_sdr
from style_pipeline.media.images import sample
from style_pipeline.media.pictures import Picture, split_planes
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.source import open_video
from style_pipeline.media.track_plan import TrackPlan

BLACK = 24
"""Luma, of 255, below which everything counts as black (limited-range black is 16)."""
SAMPLED_FRAMES = 12


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; the name is one of `CHECKS`."""

    name: str
    passed: bool
    description: str


TRACKS = "tracks_are_complete"
CHECKS = {
    "frames_match_the_index": "As many frames as the source, each at exactly its time.",
    "duration_matches_the_source": "As long as the source, to within a frame.",
    "audio_matches_the_source": "Every audio packet of the source, bit for bit.",
    "audio_is_in_sync": "Every audio track starts and ends when it did in the source.",
    TRACKS: "One picture track, all audio and subtitles that were planned, and all captions.",
    "picture_is_not_black": "Pictures are to be seen wherever the source has some.",
}


def check_film(
    film: Path, made: FrameIndex, source: Path, index: FrameIndex, *, plan: TrackPlan
) -> list[Finding]:
    """Compare a film and its index with the source's; one finding for each of `CHECKS`."""
    return [
        *(
            _with_captions(finding, made, index) if finding.name == TRACKS else finding
            for finding in check_numbers(film, made, index, plan=plan)
        ),
        _not_black(film, made, source, index),
    ]


def check_numbers(
    film: Path, made: FrameIndex, index: FrameIndex, *, plan: TrackPlan
) -> list[Finding]:
    """All that can be checked of a film whatever its pictures show."""
    return [
        _frames(made, index),
        _duration(made, index),
        *_audio(film, plan),
        _tracks(film, plan),
    ]


def _frames(made: FrameIndex, index: FrameIndex) -> Finding:
    # Exact in MP4, which takes the source's clock; Matroska's ticks are milliseconds.
    tick, start = made.video.time_base, index.video.start
    wrong = sum(
        abs(ours * tick - (theirs * index.video.time_base - start)) > tick / 2
        for ours, theirs in zip(made.pts.tolist(), index.pts.tolist(), strict=False)
    )
    return Finding(
        "frames_match_the_index",
        len(made) == len(index) and not wrong,
        f"{len(made)} of {len(index)} frames, {wrong} of them at another time",
    )


def _duration(made: FrameIndex, index: FrameIndex) -> Finding:
    # The last frame's duration is a guess in many containers: by the nominal rate, which tells
    # little where the rate varies, or by the frames before it.
    usual = index.seconds / len(index)
    last = index.durations[int(index.pts[-1])] * index.video.time_base
    tolerance = max(1 / index.video.average_rate, usual, last)
    return Finding(
        "duration_matches_the_source",
        abs(made.seconds - index.seconds) <= tolerance,
        f"{float(made.seconds):.3f} s, the source {float(index.seconds):.3f} s",
    )


def _audio(film: Path, plan: TrackPlan) -> tuple[Finding, Finding]:
    ours, theirs = read_audio_tracks(film, decoded=plan.decoded), plan.sound
    same = [(t.packets, t.digest) for t in ours] == [(t.packets, t.digest) for t in theirs]
    offsets = [
        abs(our - (their - plan.start))
        for a, b in zip(ours, theirs, strict=False)
        for our, their in ((a.start, b.start), (a.end, b.end))
    ]
    worst = max(offsets, default=Fraction(0))
    return (
        Finding(
            "audio_matches_the_source",
            same,
            f"{sum(t.packets for t in ours)} of {sum(t.packets for t in theirs)} packets"
            + ("" if same else ", not the same ones"),
        ),
        Finding(
            "audio_is_in_sync",
            worst <= SYNC_TOLERANCE,
            f"largest offset {float(worst) * 1000:.1f} ms",
        ),
    )


def _with_captions(tracks: Finding, made: FrameIndex, index: FrameIndex) -> Finding:
    if made.video.codec not in PREFIXES or not (index.captions or made.captions):
        return tracks
    ours, theirs = (
        [found.captions.get(pts, b"") for pts in found.pts.tolist()] for found in (made, index)
    )
    wrong = sum(our != their for our, their in zip(ours, theirs, strict=False))
    found = f"{len(made.captions)} frames with captions, {wrong} of them other ones"
    return Finding(TRACKS, tracks.passed and not wrong, f"{tracks.description}, {found}")


def _tracks(film: Path, plan: TrackPlan) -> Finding:
    with open_video(film) as (container, _):
        streams = container.streams
        found = (len(streams.video), len(streams.audio), len(streams.subtitles))
    return Finding(
        TRACKS,
        found == (1, len(plan.audio), len(plan.subtitles)),
        "{} video, {} audio, {} subtitle tracks".format(*found),
    )


def _not_black(film: Path, made: FrameIndex, source: Path, index: FrameIndex) -> Finding:
    """A painting may be darker than its source, but not without any light."""
    sampled = sample(range(min(len(made), len(index))), SAMPLED_FRAMES)
    black = [
        number
        for number in sampled
        if np.percentile(_luma(film, made, number), 99)
        < BLACK
        <= _luma(source, index, number).mean()
    ]
    return Finding(
        "picture_is_not_black",
        not black,
        f"frames {black} are black" if black else f"{len(sampled)} frames looked at",
    )


def _luma(path: Path, index: FrameIndex, number: int) -> Picture:
    planes, _ = as_sdr(next(read_range(path, index, range(number, number + 1))), index.video)
    return split_planes(planes, width=index.video.width, height=index.video.height)[0]
