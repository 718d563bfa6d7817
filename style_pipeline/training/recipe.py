"""What decides how a painting becomes a style, and its schedule."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FitRecipe:
    """Everything that decides what a fit gives; a model's metadata records it."""

    iterations: int = 300
    content: float = 0.85
    """The content loss to hold, by moving the style's weight. Networks that paint sit between 0.7
    and 0.95; less is more photograph."""
    view: int = 384
    """Pixels: the side of the views that are stylized, large enough to have the statistics of a
    frame of film."""
    crops: int = 2
    crop: int = 176
    """Pixels: the side of the crops of a view that losses are measured on."""
    zoom: tuple[float, float] = (0.4, 1.6)
    painting_side: int = 800
    learning_rate: float = 1e-2
    warmup: int = 10
    style_layers: tuple[str, ...] = ("relu1_1", "relu2_1", "relu3_1", "relu4_1")
    content_layer: str = "relu3_1"
    palette_weight: float = 0.5
    tone_weight: float = 0.5
    stability_weight: float = 20.0
    stability_every: int = 3
    """Iterations: the body holds still by itself, and is only reminded."""
    noise: float = 0.02
    seed: int = 1

    def __post_init__(self) -> None:
        if self.view % 8 or self.crop % 8 or not 64 <= self.crop <= self.view:
            raise ValueError(
                f"{self.view = }, {self.crop = }: must be multiples of 8, crops 64 to the view."
            )
        if self.iterations < 1 or self.crops < 1:
            raise ValueError(f"{self.iterations = }, {self.crops = }: must be at least 1.")
        if not 0.1 <= self.content <= 2:
            raise ValueError(f"{self.content = }: must be from 0.1 (photograph) to 2 (painting).")


def learning_rate(iteration: int, recipe: FitRecipe) -> float:
    """Linear warm-up, then half a cosine down to nothing (Loshchilov & Hutter 2017)."""
    decay = 0.5 * (1 + math.cos(math.pi * iteration / recipe.iterations))
    return recipe.learning_rate * min(1.0, (iteration + 1) / recipe.warmup) * decay
