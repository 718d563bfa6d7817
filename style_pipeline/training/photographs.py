"""The photographs, and frames of film, that a network learns to paint."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import av
from PIL import Image
from torch import Tensor

from style_pipeline.media.still_pictures import BadPicture, is_still_picture
from style_pipeline.training.painting import load_painting, to_tensor

MOST: Final = 400
LONGEST_SIDE: Final = 1024
"""Pixels: of a larger picture, crops would show little; all of them have to fit in memory."""
EVERY: Final = 10
"""Frames of a video of which one is learned from."""


def spread(names: Iterable[str], most: int = MOST) -> list[str]:
    """At most that many names, taken evenly from all: what is uploaded together is alike."""
    ordered = sorted(names)
    count = min(most, len(ordered))
    return [ordered[len(ordered) * place // count] for place in range(count)]


def load_photographs(paths: Iterable[Path], *, warn: Callable[[str], None]) -> dict[str, Tensor]:
    """Pictures as uint8 RGB (3, H, W), of at most 1,024 pixels a side, by name without suffix.

    They are held to what a painting is held to; those that fall short are left out, and ``warn``
    is told why.
    """
    found = {}
    for path in paths:
        try:
            found[path.stem] = load_painting(path, longest=LONGEST_SIDE)
        except BadPicture as error:
            warn(f"photograph left out: {error}")
    return found


def photographs_in(folder: Path) -> dict[str, Tensor]:
    """All that a folder holds, see `load_photographs`; stderr is told what is left out."""
    paths = sorted(path for path in folder.iterdir() if is_still_picture(path.name))
    return load_photographs(paths, warn=lambda line: print(line, file=sys.stderr))


def frames_of(video: Path) -> list[Tensor]:
    """One in `EVERY` of a video's frames, uint8 RGB (3, H, W) each."""
    with av.open(str(video)) as container:
        return [
            to_tensor(Image.fromarray(frame.to_ndarray(format="rgb24")))
            for number, frame in enumerate(container.decode(video=0))
            if number % EVERY == 0
        ]
