"""Judge a painter by a network that trained none: a vector, and never one number.

An experiment needs no more than::

    judge_painter(function_of_a_picture, known_painting("great-wave"), film_frames(4))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image as Pictures
from torch import Tensor

from benchmarks.film import MATERIAL, Clip, Frame, to_batch
from benchmarks.measures import (
    Painter,
    luma,
    palette_distance,
    rims,
    shift_error,
    tone_correlation,
)
from benchmarks.squeezenet import SqueezeNet
from benchmarks.warping import Image, Mask, warping_error

STYLE_LAYERS: Final = ("conv1", "fire5", "fire6", "fire7")
CONTENT_LAYERS: Final = ("fire6", "fire7")
PAINTING_SIDE: Final = 800
"""Pixels of the painting's long side."""
WINDOW: Final = 64
SHIFTED_FRAMES: Final = 2
NAN: Final = float("nan")


@dataclass(frozen=True, kw_only=True)
class Steadiness:
    """Of a clip: mean squared difference of a painted frame and the next, warped back by the
    film's optical flow; as it is, and over the painted picture's variance."""

    warping: float
    relative: float


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Means over the frames. Less is better, but for ``tone`` and ``content``: 0 and 1 of these
    are what no painting has.

    Attributes:
        style: relative error of the covariances of features, of whole frames.
        flat: the same of the flattest quarter of the source's windows, where tints stay empty.
        palette: `palette_distance`, levels.
        tone: `tone_correlation`, with the source.
        content: squared difference of features from the source's, over the sum of both variances:
            0 the same picture, 1 one that has nothing to do with it.
        shift: `shift_error`, of the first frames.
        rims: `rims`, levels, on the first frame.
        clips: how steady each clip is.
    """

    style: float
    flat: float
    palette: float
    tone: float = NAN
    content: float = NAN
    shift: float = NAN
    rims: float = NAN
    clips: Mapping[str, Steadiness] = field(default_factory=dict)

    @property
    def warping(self) -> float:
        return _mean([clip.warping for clip in self.clips.values()])

    @property
    def relative_warping(self) -> float:
        return _mean([clip.relative for clip in self.clips.values()])


@dataclass(frozen=True)
class Look:
    """What the judge sees in a picture: covariances by layer, of all and of the flat windows."""

    whole: Mapping[str, Tensor]
    flat: Mapping[str, Tensor]
    content: Mapping[str, Tensor]


def covariance(features: Tensor) -> Tensor:
    """Of features (N, C), centerd: (C, C)."""
    mean = features.mean(0)
    return features.T @ features / len(features) - mean[:, None] * mean


def relative_error(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> float:
    return _mean([float((found[k] - wanted[k]).norm() / wanted[k].norm()) for k in STYLE_LAYERS])


def content_distance(found: Mapping[str, Tensor], source: Mapping[str, Tensor]) -> float:
    return _mean(
        [
            float(
                (found[k] - source[k]).square().mean()
                / (found[k].var(0).mean() + source[k].var(0).mean())
            )
            for k in CONTENT_LAYERS
        ]
    )


def flat_windows(picture: Image) -> Mask:
    """(H, W), true in the quarter of its windows whose light varies least."""
    gray = luma(picture)
    height, width = (n // WINDOW for n in gray.shape)
    if height * width < 4:
        raise ValueError(f"{picture.shape = } must have at least four windows of {WINDOW} pixels.")
    windows = gray[: height * WINDOW, : width * WINDOW].reshape(height, WINDOW, width, WINDOW)
    deviation = windows.std((1, 3))
    flattest = np.zeros(height * width, bool)
    flattest[np.argsort(deviation, axis=None, kind="stable")[: height * width // 4]] = True
    mask = np.zeros(gray.shape, bool)
    mask[: height * WINDOW, : width * WINDOW] = (
        flattest.reshape(height, width).repeat(WINDOW, 0).repeat(WINDOW, 1)
    )
    return mask


def look(network: SqueezeNet, picture: Image, flat: Mask) -> Look:
    features = network.features(to_batch(picture), until=STYLE_LAYERS[-1])
    mask = torch.from_numpy(flat)[None, None].float()
    whole, there = {}, {}
    for name in {*STYLE_LAYERS, *CONTENT_LAYERS}:
        _, channels, height, width = features[name].shape
        whole[name] = features[name].permute(0, 2, 3, 1).reshape(-1, channels)
        there[name] = F.interpolate(mask, (height, width)).flatten() > 0.5
    return Look(
        whole={name: covariance(whole[name]) for name in STYLE_LAYERS},
        flat={name: covariance(whole[name][there[name]]) for name in STYLE_LAYERS},
        content={name: whole[name] for name in CONTENT_LAYERS},
    )


@lru_cache(maxsize=1)
def default_network() -> SqueezeNet:
    return SqueezeNet(MATERIAL / "weights/squeezenet_v1_0_imagenet_fp16.safetensors")


@lru_cache(maxsize=64)
def _source(frame: Frame) -> tuple[Mask, Mapping[str, Tensor]]:
    flat = flat_windows(frame.image)
    return flat, look(default_network(), frame.image, flat).content


@dataclass(frozen=True, eq=False)
class Painting:
    """What is painted after: RGB (H, W, 3) in [0, 1], and the name of its file."""

    name: str
    file: str
    image: Image

    @classmethod
    def read(cls, name: str, file: str, opened: Path | BinaryIO) -> "Painting":
        with Pictures.open(opened) as picture:
            pixels = np.asarray(picture.convert("RGB"), np.float32) / np.float32(255)
        return cls(name, file, pixels)

    @cached_property
    def resized(self) -> Image:
        """As the judge sees it beside frames of 720p."""
        scale = PAINTING_SIDE / max(self.image.shape[:2])
        size = (round(self.image.shape[1] * scale), round(self.image.shape[0] * scale))
        with Pictures.fromarray((self.image * 255).round().astype(np.uint8)) as picture:
            pixels = np.asarray(picture.resize(size, Pictures.Resampling.LANCZOS), np.float32)
        return pixels / np.float32(255)

    @cached_property
    def seen(self) -> Mapping[str, Tensor]:
        return look(default_network(), self.resized, flat_windows(self.resized)).whole


def judge_painter(
    painter: Painter,
    painting: Painting,
    frames: Sequence[Frame],
    *,
    clips: Sequence[Clip] = (),
) -> Scores:
    """What the judge says of any function of pictures to painted pictures.

    Args:
        painter: of float RGB (H, W, 3) in [0, 1] to the same; sides are multiples of 8.
        frames: of film, at film size.
        clips: consecutive frames; without them nothing is said of steadiness.
    """
    columns: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        columns.setdefault(name, []).append(value)

    for frame in frames:
        made = painter(frame.image)
        flat, source = _source(frame)
        seen = look(default_network(), made, flat)
        note("style", relative_error(seen.whole, painting.seen))
        note("flat", relative_error(seen.flat, painting.seen))
        note("palette", palette_distance(made, painting.image))
        note("tone", tone_correlation(made, frame.image))
        note("content", content_distance(seen.content, source))
    for frame in frames[:SHIFTED_FRAMES]:
        note("shift", shift_error(painter, frame.image))
    note("rims", rims(painter, frames[0].image))
    return Scores(
        **{name: _mean(values) for name, values in columns.items()},
        clips={clip.name: steadiness(painter, clip) for clip in clips},
    )


def judge_halves(painting: Painting) -> Scores:
    """The painting's own halves, as if somebody had painted them: what could be reached.

    Its flat windows are not those of a film that was painted over, but its quarters: as large a
    share, chosen without a look at what is in it.
    """
    image = painting.resized
    height, width = (n // 2 for n in image.shape[:2])
    top, left = slice(height), slice(width)
    down, right = slice(-height, None), slice(-width, None)
    every = slice(None)
    halves = [image[at] for at in ((top, every), (down, every), (every, left), (every, right))]
    quarters = [image[at] for at in ((top, left), (top, right), (down, left), (down, right))]

    def style(parts: Sequence[Image]) -> float:
        looks = [look(default_network(), part, flat_windows(part)) for part in parts]
        return _mean([relative_error(one.whole, painting.seen) for one in looks])

    return Scores(
        style=style(halves),
        flat=style(quarters),
        palette=_mean([palette_distance(half, image) for half in halves]),
    )


def steadiness(painter: Painter, clip: Clip) -> Steadiness:
    painted = [painter(frame) for frame in clip.frames]
    warping = _mean(
        [
            warping_error(a, b, flow, mask)
            for (a, b), (flow, mask) in zip(pairwise(painted), clip.motion, strict=True)
        ]
    )
    variance = _mean([float(one.var((0, 1)).mean()) for one in painted])
    return Steadiness(warping=warping, relative=warping / variance if variance > 0 else NAN)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else NAN
