"""A painting, as it is learned from."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from style_pipeline.media.still_pictures import BadPicture, read_still_picture

LONGEST_SIDE: Final = 2048
FLAT: Final = 2.0  # levels of 255 by which a picture's pixels deviate


def load_painting(path: Path, *, longest: int = LONGEST_SIDE) -> Tensor:
    """A picture as uint8 RGB (3, H, W), as `read_still_picture` reads it.

    Raises:
        BadPicture: as there, or it is of one color.
        FileNotFoundError: there is no such file.
    """
    pixels = to_tensor(read_still_picture(path, longest=longest))
    if is_flat(pixels):
        raise BadPicture(f"{path.name} is nearly all of one color: there is no style to learn")
    return pixels


def to_tensor(picture: Image.Image) -> Tensor:
    """uint8 RGB (3, H, W)."""
    return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).contiguous()


def is_flat(pixels: Tensor) -> bool:
    """Whether a uint8 picture (3, H, W) is nearly all of one color."""
    return bool(pixels.float().flatten(1).std(1).max() < FLAT)
