"""Trainings that take a second."""

import torch
from torch import Tensor

from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import TrainingRecipe

RECIPE = TrainingRecipe(
    channels=(4, 8, 8),
    residual_blocks=1,
    iterations=30,
    crop=64,
    learning_rate=1e-2,
    warmup=1,
    content_layers=("coarse",),
    style_layers=(("fine", 1.0), ("coarse", 1.0)),
    style_boost=1.0,
    artwork_side=64,
    stability_weight=0.0,
    bfloat16=False,
)


class ColorAndDetail(PerceptualNetwork):
    """Sees colours at two scales: enough to learn from in a second."""

    name = "pooling"

    def features(self, images: Tensor) -> dict[str, Tensor]:
        return {"fine": images, "coarse": torch.nn.functional.avg_pool2d(images, 4)}


def pictures(count: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(count, 3, 6, 8, generator=generator)
    large = torch.nn.functional.interpolate(small, (90, 120), mode="bilinear")
    return list((large * 255).byte())
