"""Artworks made by code, one for each shipped style: ``ARTWORKS["ink"]()`` paints it.

``python -m style_pipeline.artworks FOLDER [NAME ...]`` writes them as pictures.
"""

from typing import Final, Protocol

from PIL import Image

from style_pipeline.artworks.brushwork import brushwork
from style_pipeline.artworks.impasto import impasto
from style_pipeline.artworks.ink import ink
from style_pipeline.artworks.mosaic import mosaic
from style_pipeline.artworks.pointillism import pointillism
from style_pipeline.artworks.watercolour import watercolour


class Artwork(Protocol):
    """Paints an RGB picture; the same size and seed give the same one."""

    def __call__(self, *, width: int = ..., height: int = ..., seed: int = ...) -> Image.Image: ...


ARTWORKS: Final[dict[str, Artwork]] = {
    "brushwork": brushwork,
    "impasto": impasto,
    "ink": ink,
    "mosaic": mosaic,
    "pointillism": pointillism,
    "watercolour": watercolour,
}
