"""How the bytes of pictures stand for colors, and mixtures of pictures.

Pictures are planar 8-bit YUV: (3H/2, W), where chroma is stored at half size (4:2:0), or (3, H, W).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

LUMA_WEIGHTS: Final = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
}
"""Kr and Kb of each YUV matrix (ITU-T H.273, table 4)."""


@dataclass(frozen=True, kw_only=True)
class Color:
    """How planes are to be read.

    Raises `ValueError` for a matrix that is not in `LUMA_WEIGHTS`.
    """

    matrix: str
    full_range: bool

    def __post_init__(self) -> None:
        if self.matrix not in LUMA_WEIGHTS:
            raise ValueError(f"{self.matrix = } must be one of {', '.join(LUMA_WEIGHTS)}")

    @property
    def levels(self) -> tuple[float, float, float]:
        """Black level, and the steps from black to white and across each chroma axis."""
        return (0.0, 255.0, 255.0) if self.full_range else (16.0, 219.0, 224.0)


def shape_of(size: tuple[int, int]) -> tuple[int, ...]:
    """Of pictures of a size (W, H): chroma is at half size where both are even."""
    width, height = size
    return (3, height, width) if width % 2 or height % 2 else (height * 3 // 2, width)


def luma_of(picture: Picture) -> Picture:
    """A view of its luma, (H, W)."""
    luma: Picture = picture[0] if picture.ndim == 3 else picture[: len(picture) * 2 // 3]
    return luma


def blend(source: Picture, styled: Picture, *, strength: float, preserve_colors: bool) -> Picture:
    """From `source`, at a strength of 0, to `styled`, at 1, bit for bit there.

    With `preserve_colors` chroma is the source's (Gatys et al. 2016, "Preserving Color in Neural
    Artistic Style Transfer", luminance only).
    """
    mixed = styled
    if strength < 1:
        change = styled.astype(np.float32) - source
        mixed = np.rint(source + np.float32(strength) * change).astype(source.dtype)
    if not preserve_colors:
        return mixed
    colored = source.copy()
    luma_of(colored)[:] = luma_of(mixed)
    return colored
