"""Read a picture that nobody vouches for."""

import struct
import warnings
import zlib
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline_kit.errors import UnusableInput

FORMATS: Final = ("JPEG", "PNG", "WEBP")
EXTENSIONS: Final = ("jpg", "jpeg", "png", "webp")
LEAST_SIDE: Final = 64
# Where Pillow begins to warn of decompression bombs, so that it never does.
MAX_PIXELS: Final = 80_000_000
MAX_ASPECT: Final = 8
_SPACE: Final = slice(16, 20)
"""Where a color profile says of which colors it is."""

_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)
"""What Pillow's decoders raise for files that are not whole."""


class BadPicture(UnusableInput):
    """The picture cannot be used as it is; the message says what to do."""


def read_still_picture(path: Path, *, longest: int | None = None) -> Image.Image:
    """A JPEG, PNG or WebP picture as RGB, upright as its EXIF data ask, with its color profile in
    ``info``.

    Its long side is reduced to ``longest`` pixels; what is transparent becomes white. A size that
    is too large is refused by the header, before memory is taken for it.

    Raises:
        BadPicture: not such a picture, damaged, too small, too large, too long, of a color mode
            that has no plain RGB equivalent, or animated.
        FileNotFoundError: there is no such file.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters is checked, or raised
        try:
            with Image.open(file, formats=FORMATS) as image:
                _check_header(image)
                profile = image.info.get("icc_profile") or b""
                picture = _upright(image, longest)
        except BadPicture as error:
            raise BadPicture(f"{path.name} {error}") from None
        except Image.DecompressionBombError:
            raise BadPicture(f"{path.name} {_too_large()}") from None
        except UnidentifiedImageError:
            wanted = "is not a whole JPEG, PNG or WebP picture: export it as one"
            raise BadPicture(f"{path.name} {wanted}") from None
        except _BROKEN as error:
            wanted = "is damaged or ends too early: export it again"
            raise BadPicture(f"{path.name} {wanted}") from error
    # Of a gray picture it is one of grays, which is wrong for what is RGB from here on.
    picture.info = {"icc_profile": profile} if profile[_SPACE] == b"RGB " else {}
    return picture


def is_still_picture(name: str) -> bool:
    """Whether a file is one, by its name."""
    return Path(name).suffix.lower().removeprefix(".") in EXTENSIONS


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    size = f"{width}x{height} pixels"
    if width * height > MAX_PIXELS:
        raise BadPicture(f"{_too_large()} ({size})")
    if min(width, height) < LEAST_SIDE:
        raise BadPicture(f"has {size}: it needs at least {LEAST_SIDE} a side, better 500")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise BadPicture(f"has {size}, too long and narrow: crop it")
    # A JPEG's further pictures (format MPO) are thumbnails and depth maps of phones.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise BadPicture("is animated: export one picture of it")
    if image.mode == "CMYK":
        raise BadPicture("has CMYK colors: export it as RGB")
    # Pillow opens a PNG of 16 bits as RGB of 8, and only its decoder's arguments tell.
    if image.mode[0] in "IF" or any("16" in str(tile.args) for tile in getattr(image, "tile", ())):
        raise BadPicture("has more than 8 bits a channel: export it as RGB with 8")
    if image.mode not in ("RGB", "RGBA", "L", "LA", "P", "PA", "1"):
        raise BadPicture(f"has the color mode {image.mode}: export it as RGB")


def _too_large() -> str:
    return f"is larger than {MAX_PIXELS // 1_000_000} megapixels: reduce it"


def _upright(image: Image.Image, longest: int | None) -> Image.Image:
    transparent = image.has_transparency_data
    if image.mode in ("P", "PA", "1"):  # which cannot be resized smoothly
        image = image.convert("RGBA" if transparent else "RGB")
    if longest:
        image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    if transparent:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")
