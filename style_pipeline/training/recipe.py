"""What decides how a painting becomes a style, and how a body is trained; their schedules."""

import math
from dataclasses import dataclass

from style_pipeline.stylization.architecture import Architecture


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
    contrast: float = 1.2
    """Of what a fit gives, over what its losses ask for: they end a little grayer than the painting
    looks."""
    brushing: float = 1.0
    """How far what is stylized is smoothed along strokes, from 0 to 1; no loss sees it."""
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
        if not 0 <= self.brushing <= 1:
            raise ValueError(f"{self.brushing = }: must be from 0 to 1.")


def learning_rate(iteration: int, recipe: FitRecipe) -> float:
    """Linear warm-up, then half a cosine down to nothing (Loshchilov & Hutter 2017)."""
    decay = 0.5 * (1 + math.cos(math.pi * iteration / recipe.iterations))
    return recipe.learning_rate * min(1.0, (iteration + 1) / recipe.warmup) * decay


@dataclass(frozen=True, kw_only=True)
class BodyRecipe:
    """How a body is trained. It is part of its checkpoint; another number of ``iterations`` alone
    may be given to one that is resumed."""

    architecture: Architecture
    iterations: int = 8_000
    cooldown: int = 1_500
    """Iterations at the end in which the rate falls to nothing."""
    warm_up: int = 100
    rate: float = 3e-3
    batch: int = 2
    """Views, each of which is seen twice."""
    side: int = 320
    zoom: tuple[float, float] = (0.4, 1.6)
    noise: float = 0.03
    """At most, of standard deviation, on what the body sees and not its teacher: it learns not to
    stylize noise, which makes films steady."""
    seed: int = 1

    def __post_init__(self) -> None:
        if self.side % 8 or self.side < 40:
            raise ValueError(f"{self.side = }: must be a multiple of 8, and 40 or more.")


def schedule(iteration: int, recipe: BodyRecipe) -> float:
    """Of the rate: rising, constant, then falling (Hagele et al. 2024, "Scaling Laws and
    Compute-Optimal Training Beyond Fixed Training Durations"), so that a training can be extended
    without being planned again."""
    rising = min(1.0, (iteration + 1) / recipe.warm_up)
    return rising * min(1.0, (recipe.iterations - iteration) / max(recipe.cooldown, 1))
