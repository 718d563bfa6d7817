"""Stylize pictures of SDR as they are, and those of HDR as the look says."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator

from style_pipeline.look.look import Look
from style_pipeline.media.hdr import as_sdr, back, seen
from style_pipeline.media.pictures import Picture
from style_pipeline.media.video_format import VideoFormat
from style_pipeline.stylization.architecture import Vector
from style_pipeline.stylization.color import blend
from style_pipeline.stylization.engine import Engine


def stylized(
    engine: Engine,
    pictures: Iterable[Picture],
    styles: Iterable[Vector],
    strengths: Iterable[float],
    *,
    video: VideoFormat,
    look: Look,
) -> Generator[Picture, None, None]:
    """Each picture stylized, in its style and as strong as it is to be: of `video`, or of
    `video.sdr` where it is HDR that is not kept.

    HDR that is kept stays in its own depth but for what the network makes of it, which sees and
    gives 8-bit SDR: what is not stylized is the source's, bit for bit.
    """
    if video.hdr and look.keeps_hdr:
        return _kept(engine, pictures, styles, strengths, video, look)
    shown = (as_sdr(planes, video)[0] for planes in pictures)
    # Where one holds for all, a strength of 0 costs nothing.
    strength = strengths if isinstance(look.strength, tuple) else look.strength
    return _in_sdr(engine, shown, styles, video, look, strength, look.preserve_colours)


def _kept(
    engine: Engine,
    pictures: Iterable[Picture],
    styles: Iterable[Vector],
    strengths: Iterable[float],
    video: VideoFormat,
    look: Look,
) -> Generator[Picture, None, None]:
    if look.strength == 0:
        yield from pictures
        return
    sources: deque[Picture] = deque()

    def views() -> Iterator[Picture]:
        for planes in pictures:
            sources.append(planes)
            yield seen(planes, video)

    in_sdr = _in_sdr(engine, views(), styles, video, look, 1.0, False)
    for styled, strength in zip(in_sdr, strengths, strict=True):
        yield blend(
            sources.popleft(),
            back(styled, video),
            strength=strength,
            preserve_colors=look.preserve_colours,
        )


def _in_sdr(
    engine: Engine,
    pictures: Iterable[Picture],
    styles: Iterable[Vector],
    video: VideoFormat,
    look: Look,
    strength: float | Iterable[float],
    preserve_colors: bool,
) -> Generator[Picture, None, None]:
    return engine.style(
        pictures,
        styles,
        size=video.upright_size,
        matrix=video.sdr.matrix,
        full_range=video.sdr.full_range,
        strength=strength,
        preserve_colors=preserve_colors,
        reduction=look.reduction,
    )
