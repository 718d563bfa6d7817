"""Frames of film at film size: the same, by name, in every comparison."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import av
import numpy as np
import torch
from PIL import Image as Pictures
from PIL import ImageOps
from torch import Tensor

from benchmarks.warping import Flow, Image, Mask, occlusion_mask, optical_flow

MATERIAL: Final = Path(__file__).resolve().parents[2] / "shared"
"""Clips, photographs, paintings, other networks and the judge's weights, beside the project."""
MULTIPLE: Final = 16
"""Frames of clips are cropped to multiples of this, and so of every network's stride."""
HD: Final = (1280, 720)
FULL_HD: Final = (1920, 1080)

FRAMES: Final = (
    ("cockatoo_720p.mp4", 140),
    ("kodak_15.jpg", HD),
    ("big-buck-bunny_720p_with-audio.mp4", 60),
    ("elementary_alvaro-araoz-382526.jpg", HD),
    ("elementary_jade-droplet.jpg", HD),
    ("elementary_carmine-de-fazio.jpg", HD),
    ("person-walking_432p.mp4", 60),
    ("budgie_san-francisco-skyline.jpg", FULL_HD),
    ("cat_360p.mp4", 150),
    ("wagtail_roberta-johnson.jpg", HD),
    ("kodak_19.jpg", HD),
    ("budgie_lake-sherburne.jpg", FULL_HD),
    ("cockatoo_720p.mp4", 30),
    ("big-buck-bunny_720p_with-audio.mp4", 110),
    ("cat_360p.mp4", 30),
    ("person-walking_432p.mp4", 100),
)
"""Of clips, frame numbers; of photographs, the size that they are cut to. So ordered that the first
are of all kinds: an animal, a face, a drawn film, a landscape with sky, out of focus, dark."""

CLIPS: Final = (
    ("big-buck-bunny_720p_with-audio.mp4", 60),
    ("cockatoo_720p.mp4", 140),
    ("cat_360p.mp4", 150),
    ("person-walking_432p.mp4", 60),
)
"""Where the frames begin that steadiness is measured on."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Float RGB (H, W, 3) in [0, 1]."""

    name: str
    image: Image


@dataclass(frozen=True, eq=False)
class Clip:
    """Consecutive frames, and how the film moves from each to the next."""

    name: str
    frames: list[Image]

    @cached_property
    def motion(self) -> list[tuple[Flow, Mask]]:
        """Flow to the next frame, and where that does not show what this one does."""
        flows = [(optical_flow(a, b), optical_flow(b, a)) for a, b in pairwise(self.frames)]
        return [(there, occlusion_mask(there, back)) for there, back in flows]


def film_frames(count: int = len(FRAMES), *, material: Path = MATERIAL) -> list[Frame]:
    """The first ``count`` of `FRAMES`."""
    return list(islice(_frames(material), count))


def film_clips(length: int = 3, *, material: Path = MATERIAL) -> list[Clip]:
    """``length`` frames of each of `CLIPS`."""
    return [
        Clip(
            Path(name).stem,
            read_frames(material / "media/videos" / name, first=first, count=length),
        )
        for name, first in CLIPS
    ]


def _frames(material: Path) -> Iterator[Frame]:
    for name, what in FRAMES:
        stem = Path(name).stem
        if isinstance(what, int):
            (image,) = read_frames(material / "media/videos" / name, first=what, count=1)
            yield Frame(f"{stem}@{what}", image)
        else:
            yield Frame(stem, read_photograph(material / "media/photographs" / name, what))


def read_photograph(path: Path, size: tuple[int, int]) -> Image:
    """Its middle, scaled to ``size`` (W, H)."""
    with Pictures.open(path) as picture:
        fitted = ImageOps.fit(picture.convert("RGB"), size, Pictures.Resampling.LANCZOS)
    return np.asarray(fitted, np.float32) / np.float32(255)


def read_frames(path: Path, *, first: int, count: int) -> list[Image]:
    """``count`` frames of a clip from number ``first`` on, cropped to multiples of 16 pixels."""
    with av.open(str(path)) as container:
        frames = [
            frame.to_ndarray(format="rgb24")
            for frame in islice(container.decode(video=0), first, first + count)
        ]
    if len(frames) < count:
        raise SystemExit(f"{path.name}: has no {count} frames from number {first} on.")
    height, width = (n // MULTIPLE * MULTIPLE for n in frames[0].shape[:2])
    return [(frame[:height, :width] / 255).astype(np.float32) for frame in frames]


def to_batch(image: Image) -> Tensor:
    """(1, 3, H, W)."""
    return torch.from_numpy(image).permute(2, 0, 1)[None].contiguous()
