"""Artworks made by code, of which shipped styles were learned: ``ARTWORKS["ink"]()`` paints it.

``python -m style_pipeline.artworks FOLDER [NAME ...]`` writes them as pictures.
"""

from typing import Final, Protocol

from PIL import Image

from style_pipeline.artworks.brushwork import brushwork
from style_pipeline.artworks.ink import ink


class Artwork(Protocol):
    """Paints an RGB picture; the same size and seed give the same one."""

    def __call__(self, *, width: int = ..., height: int = ..., seed: int = ...) -> Image.Image: ...


ARTWORKS: Final[dict[str, Artwork]] = {
    "brushwork": brushwork,
    "ink": ink,
}
