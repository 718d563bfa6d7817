"""Read a painting that nobody vouches for."""

import struct
import warnings
import zlib
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

FORMATS: Final = ("JPEG", "PNG", "WEBP")
EXTENSIONS: Final = ("jpg", "jpeg", "png", "webp")
LEAST_SIDE: Final = 64
LONGEST_SIDE: Final = 2048
# Where Pillow begins to warn of decompression bombs, so that it never does.
MAX_PIXELS: Final = 80_000_000
MAX_ASPECT: Final = 8
FLAT: Final = 2.0  # levels of 255 by which a picture's pixels deviate

_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""What Pillow's decoders raise for files that are not whole."""


class BadPainting(ValueError):
    """The picture cannot be painted from as it is; the message says what to do."""


def load_painting(path: Path, *, longest: int = LONGEST_SIDE) -> Tensor:
    """A JPEG, PNG or WebP picture as uint8 RGB (3, H, W), upright as its EXIF data ask.

    Its long side is reduced to ``longest`` pixels; what is transparent becomes white. A size that
    is too large is refused by the header, before memory is taken for it.

    Raises:
        BadPainting: not such a picture, damaged, too small, too large, too long, of a colour
            mode that has no plain RGB equivalent, animated, or of one colour.
        FileNotFoundError: there is no such file.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters is checked, or raised
        try:
            with Image.open(file, formats=FORMATS) as image:
                _check_header(image)
                pixels = to_tensor(_upright(image, longest))
        except BadPainting as error:
            raise BadPainting(f"{path.name} {error}") from None
        except Image.DecompressionBombError:
            raise BadPainting(f"{path.name} {_too_large()}") from None
        except UnidentifiedImageError:
            wanted = "is not a whole JPEG, PNG or WebP picture: export it as one"
            raise BadPainting(f"{path.name} {wanted}") from None
        except _BROKEN as error:
            wanted = "is damaged or ends too early: export it again"
            raise BadPainting(f"{path.name} {wanted}") from error
    if is_flat(pixels):
        raise BadPainting(f"{path.name} is nearly all of one colour: there is no style to learn")
    return pixels


def to_tensor(picture: Image.Image) -> Tensor:
    """uint8 RGB (3, H, W)."""
    return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).contiguous()


def is_flat(pixels: Tensor) -> bool:
    """Whether a uint8 picture (3, H, W) is nearly all of one colour."""
    return bool(pixels.float().flatten(1).std(1).max() < FLAT)


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    size = f"{width}x{height} pixels"
    if width * height > MAX_PIXELS:
        raise BadPainting(f"{_too_large()} ({size})")
    if min(width, height) < LEAST_SIDE:
        raise BadPainting(f"has {size}: it needs at least {LEAST_SIDE} a side, better 500")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise BadPainting(f"has {size}, too long and narrow: crop it")
    # A JPEG's further pictures (format MPO) are thumbnails and depth maps of phones.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise BadPainting("is animated: export one picture of it")
    if image.mode == "CMYK":
        raise BadPainting("has CMYK colours: export it as RGB")
    # Pillow opens a PNG of 16 bits as RGB of 8, and only its decoder's arguments tell.
    if image.mode[0] in "IF" or any("16" in str(tile.args) for tile in getattr(image, "tile", ())):
        raise BadPainting("has more than 8 bits a channel: export it as RGB with 8")
    if image.mode not in ("RGB", "RGBA", "L", "LA", "P", "PA", "1"):
        raise BadPainting(f"has the colour mode {image.mode}: export it as RGB")


def _too_large() -> str:
    return f"is larger than {MAX_PIXELS // 1_000_000} megapixels: reduce it"


def _upright(image: Image.Image, longest: int) -> Image.Image:
    transparent = image.has_transparency_data
    if image.mode in ("P", "PA", "1"):  # which cannot be resized smoothly
        image = image.convert("RGBA" if transparent else "RGB")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    if transparent:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")
