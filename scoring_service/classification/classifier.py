"""What a classifier of pictures is, however it is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.float32]

MEAN: Final = (0.485, 0.456, 0.406)
SPREAD: Final = (0.229, 0.224, 0.225)
"""Of red, green and blue within 0 and 1, as networks trained on ImageNet expect them."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What is made of a picture before a network sees it: the middle of it, scaled."""

    size: int = 224
    """Pixels a side of what the network sees."""
    shorter_side: int = 256
    """What a picture is scaled to before its middle is cut out."""
    mean: tuple[float, float, float] = MEAN
    spread: tuple[float, float, float] = SPREAD
    scale: float = 255.0
    """What is called 1 of the 0 to 255 of a pixel."""
    bgr: bool = False
    channels_last: bool = False
    bicubic: bool = False

    def __call__(self, picture: Image.Image) -> Array:
        """float32, (3, size, size), or (size, size, 3) with the channels last."""
        factor = self.shorter_side / min(picture.size)
        width, height = (max(self.size, round(factor * side)) for side in picture.size)
        how = Image.Resampling.BICUBIC if self.bicubic else Image.Resampling.BILINEAR
        scaled = picture.resize((width, height), how, reducing_gap=3.0)
        left, top = (width - self.size) // 2, (height - self.size) // 2
        middle = scaled.crop((left, top, left + self.size, top + self.size))
        mean, spread = (np.array(each, np.float32) for each in (self.mean, self.spread))
        pixels: Array = np.asarray(middle, np.float32)[..., :: -1 if self.bgr else 1]
        pixels = np.divide(pixels / np.float32(self.scale) - mean, spread)
        return np.ascontiguousarray(pixels if self.channels_last else pixels.transpose(2, 0, 1))


class Network(Protocol):
    """Computes a batch."""

    def __call__(self, batch: Array) -> Array:
        """From prepared pictures to float32 scores (pictures, labels); any numbers that a softmax
        makes probabilities of."""


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """A network, with what it sees and what it calls it."""

    network: Network
    preparation: Preparation
    labels: tuple[str, ...]
    probabilities: bool = False
    """Whether the network gives them itself."""

    def classify(self, pictures: Sequence[Array], *, top: int) -> list[list[tuple[str, float]]]:
        """The best labels of prepared pictures, with their probabilities."""
        scores = self.network(np.stack(pictures)).astype(np.float64)
        if not self.probabilities:
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores /= scores.sum(axis=1, keepdims=True)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
        return [
            [(self.labels[place], float(row[place])) for place in places]
            for row, places in zip(scores, best, strict=True)
        ]
