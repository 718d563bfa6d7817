"""What decides how a style is trained, and its schedules."""

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class TrainingRecipe:
    """Everything that decides what a training run gives; a model's metadata records it."""

    architecture: Literal["slim", "transformer"] = "slim"
    channels: tuple[int, int, int] = (24, 48, 96)
    residual_blocks: int = 2
    iterations: int = 6000
    batch: int = 2
    crop: int = 192
    crop_area: tuple[float, float] = (0.02, 1.0)
    learning_rate: float = 2e-3
    warmup: int = 50
    content_layers: tuple[str, ...] = ("relu3_1", "relu4_1")
    style_layers: tuple[tuple[str, float], ...] = (
        ("relu1_1", 1.0),
        ("relu2_1", 1.0),
        ("relu3_1", 1.0),
        ("relu4_1", 1.0),
        ("relu5_1", 0.5),
    )
    style_weight: float = 1.6
    style_boost: float = 2.0
    boost_iterations: int = 800
    variation_weight: float = 2.0
    artwork_side: int = 512
    noise: float = 0.02
    stability_weight: float = 40.0
    stability_from: int = 2000
    """Iterations before the stability term: strokes have to be there before they can hold still."""
    stability_shift: int = 8
    stability_noise: float = 0.03
    stability_gain: float = 0.05
    seed: int = 1
    bfloat16: bool = True

    def __post_init__(self) -> None:
        if self.crop % 8 or self.crop < 64:
            raise ValueError(f"{self.crop = }: must be a multiple of 8, at least 64.")
        if self.iterations < 1 or self.batch < 1:
            raise ValueError(f"{self.iterations = }, {self.batch = }: must be at least 1.")


def learning_rate(iteration: int, recipe: TrainingRecipe) -> float:
    """Linear warm-up, then half a cosine down to nothing (Loshchilov & Hutter 2017)."""
    decay = 0.5 * (1 + math.cos(math.pi * iteration / recipe.iterations))
    return recipe.learning_rate * min(1.0, (iteration + 1) / recipe.warmup) * decay


def style_weight(iteration: int, recipe: TrainingRecipe) -> float:
    """The style's weight, boosted at first: a network that learns the photograph before the
    palette stays monochrome for long."""
    boost = (recipe.style_boost - 1) * max(0.0, 1 - iteration / recipe.boost_iterations)
    return recipe.style_weight * (1 + boost)


def stability_weight(iteration: int, recipe: TrainingRecipe) -> float:
    """The stability's weight: none at first, then all of it."""
    return recipe.stability_weight if iteration >= recipe.stability_from else 0.0
