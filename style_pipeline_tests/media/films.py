"""The whole journey of a clip without Dagster, and independent looks at what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from torch import nn

from style_pipeline.media.cut import WHOLE, Cut
from style_pipeline.media.encoding import Encoder
from style_pipeline.media.film_checks import Finding, check_film
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.indexing import index_frames
from style_pipeline.media.join import join_segments
from style_pipeline.media.muxing import extract_audio, mux_film
from style_pipeline.media.pictures import Picture, upright
from style_pipeline.media.proving import proven, tells_of_damage
from style_pipeline.media.range_reader import read_range
from style_pipeline.media.segment import Origin, write_segment
from style_pipeline.media.source import time_base
from style_pipeline.media.track_plan import TrackPlan
from style_pipeline.media.tracks import plan_tracks
from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline_tests.clips import H264, ffmpeg, flat
from style_pipeline_tests.stylization.stylizing import engine_with, style_of

LOSSLESS = Encoder(preset="veryfast", crf=0)
LOOK_HASH = "cafe"


@dataclass(frozen=True, kw_only=True)
class Film:
    """A finished film, and everything that it was made of."""

    path: Path
    source: Path
    index: FrameIndex
    made: FrameIndex
    plan: TrackPlan
    segments: Sequence[tuple[Path, range]]
    painted: Sequence[Picture]
    pictures: Path
    audio: Path | None

    def check(self) -> dict[str, Finding]:
        findings = check_film(self.path, self.made, self.source, self.index, plan=self.plan)
        return {finding.name: finding for finding in findings}

    def wrong(self) -> list[str]:
        """What the checks find wrong."""
        return [finding.name for finding in self.check().values() if not finding.passed]


def make_film(
    source: Path,
    folder: Path,
    *,
    chunks: int | Sequence[range] = 1,
    network: StyleNetwork | nn.Module | None = None,
    encoder: Encoder = LOSSLESS,
    conceal: bool = False,
    deinterlace: bool = True,
    cut: Cut = WHOLE,
    comment: str = "",
) -> Film:
    """Make a film as the assets do; without a network its pictures are the source's."""
    folder.mkdir(exist_ok=True)
    most = chunks if isinstance(chunks, int) else 1
    index = index_frames(source, max_chunks=most, conceal=conceal, deinterlace=deinterlace, cut=cut)
    if not tells_of_damage(index.video):
        index = proven(source, index, conceal=conceal)
    ranges = index.chunks if isinstance(chunks, int) else chunks
    painted: list[Picture] = []
    segments = []
    for slot, frames in enumerate(chunk for chunk in ranges if chunk):
        styled = paint(source, index, frames, network)
        painted += styled
        segment = folder / f"{slot:03}.mp4"
        write_segment(segment, styled, index, frames, encoder=encoder, origin=origin(index))
        segments.append((segment, frames))
    plan = plan_tracks(source, track=index.video.track, conceal=conceal, cut=cut)
    pictures = folder / "pictures.mp4"
    join_segments(segments, index, pictures, origin=origin(index))
    audio = folder / f"audio.{plan.audio_extension}" if plan.audio else None
    if audio is not None:
        extract_audio(source, plan, audio)
    path = folder / f"film.{plan.film_extension}"
    mux_film(
        path,
        pictures=pictures,
        audio=audio,
        source=source,
        plan=plan,
        video=index.video,
        comment=comment,
    )
    return Film(
        path=path,
        source=source,
        index=index,
        made=index_frames(path, deinterlace=False),
        plan=plan,
        segments=segments,
        painted=painted,
        pictures=pictures,
        audio=audio,
    )


def origin(index: FrameIndex) -> Origin:
    return Origin(index.content_hash, LOOK_HASH)


def paint(
    source: Path,
    index: FrameIndex,
    frames: range,
    network: StyleNetwork | nn.Module | None = None,
) -> list[Picture]:
    """The upright pictures of a range, painted if there is a network."""
    originals = [upright(planes, index.video) for planes in read_range(source, index, frames)]
    if network is None:
        return originals
    video = index.video
    return list(
        engine_with(network).style(
            originals,
            style_of(network),
            size=video.upright_size,
            matrix=video.matrix,
            full_range=video.full_range,
        )
    )


def flat_clip(path: Path, *colors: str, matrix: str, span: str) -> Path:
    """A frame of each color, in a YUV matrix and a range of levels, and tagged as such."""
    tags = ["-colorspace", matrix, "-color_range", span, "-color_primaries", "bt709"]
    convert = ["-vf", f"scale=out_color_matrix={matrix}:out_range={span},format=yuv420p"]
    ffmpeg(*flat(*colors), *convert, *H264[:-2], "-crf", "1", *tags, path)
    return path


def times(path: Path) -> list[Fraction]:
    """Seconds at which every frame is shown, on the file's own clock."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        return [(frame.pts or 0) * time_base(video) for frame in container.decode(video)]


def shown(
    path: Path, size: tuple[int, int], *options: str, layout: str = "yuv420p"
) -> npt.NDArray[np.uint8]:
    """All pictures of a file as ffmpeg shows them, turned upright, one row of bytes for each."""
    width, height = size
    each = width * height * 3 // (2 if layout.endswith("420p") else 1)
    scaling = "bicubic+accurate_rnd+full_chroma_inp+full_chroma_int+bitexact"
    exact = ["-fps_mode", "passthrough", "-sws_flags", scaling, "-pix_fmt", layout]
    data = ffmpeg("-i", path, "-map", "0:V:0", *options, *exact, "-f", "rawvideo", "-")
    return np.frombuffer(data, np.uint8).reshape(-1, each)


def packets(path: Path, kind: str = "a", *options: str) -> list[tuple[str, ...]]:
    """Track, size and checksum of every packet of a kind in a file, as ffmpeg sees them."""
    lines = (
        ffmpeg("-i", path, "-map", f"0:{kind}", "-c", "copy", *options, "-f", "framemd5", "-")
        .decode()
        .splitlines()
    )
    fields = [[field.strip() for field in line.split(",")] for line in lines if line[0] != "#"]
    return sorted((track, size, md5) for track, _, _, _, size, md5, *_ in fields)
