"""Pictures as they come: read within limits, and refused before anything large is decoded."""

import io
import warnings
from typing import Final

from PIL import Image, ImageOps

from scoring_service.errors import Refused, too_large

KINDS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""Media types, and what Pillow calls them: no other decoder is ever tried."""


def check_kind(content_type: str) -> str:
    """The media type alone. Raises `Refused` with 415."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise Refused(415, f"{kind or 'no type'} is not taken: send {', '.join(KINDS)}")
    return kind


def read_picture(data: bytes, kind: str, *, megapixels: float, least: int = 0) -> Image.Image:
    """The picture in RGB, upright. Raises `Refused`: 413 by what its header says, before its pixels
    are decoded, and 422 where it is broken or no picture of that kind.

    With `least`, a JPEG may come smaller than it is, but not below so many pixels a side.
    """
    try:
        with warnings.catch_warnings():
            # The limit is ours.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[KINDS[kind]]) as image:
                width, height = image.size
                if width * height > megapixels * 1e6:
                    raise too_large(
                        f"the picture has {width}x{height} pixels: at most {megapixels:g} million"
                    )
                if least:
                    image.draft("RGB", (least, least))
                image.load()
                # In place, as each copy of 40 megapixels takes 160 MB.
                ImageOps.exif_transpose(image, in_place=True)
                return image if image.mode == "RGB" else image.convert("RGB")
    except Image.DecompressionBombError:
        raise too_large(f"the picture has more than {megapixels:g} million pixels") from None
    except Refused:
        raise
    except Exception as error:
        # Decoders raise what they like at what is broken: SyntaxError, struct.error, ValueError.
        said = type(error).__name__
        raise Refused(422, f"the body is no {KINDS[kind]} that can be read ({said})") from None
