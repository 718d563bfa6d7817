"""Fits that take a second."""

import numpy as np
import torch
from torch import Tensor

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.model_file import Body
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import FitRecipe
from style_pipeline_tests.stylization.stylizing import untrained

RECIPE = FitRecipe(
    iterations=30,
    view=64,
    crops=1,
    crop=64,
    painting_side=64,
    learning_rate=5e-2,
    warmup=1,
    style_layers=("fine", "coarse"),
    content_layer="coarse",
    stability_weight=0.0,
)
PAINTING = torch.tensor([200, 120, 30], dtype=torch.uint8)[:, None, None].repeat(1, 80, 100)
PAINTING[:, ::7] = 40
ARCHITECTURE = Architecture("body", (4, 8, 4), 1)


class ColorAndDetail(PerceptualNetwork):
    """Sees colors at two scales: enough to learn from in a second."""

    name = "pooling"

    def features(self, images: Tensor) -> dict[str, Tensor]:
        return {"fine": images, "coarse": torch.nn.functional.avg_pool2d(images, 4)}


def tiny_body(*, seed: int = 0) -> Body:
    """Untrained, with three styles."""
    with torch.random.fork_rng(devices=[]):
        weights = untrained(channels=(4, 8, 4), seed=seed).weights
    styles = np.random.default_rng(seed).normal(0, 0.3, (3, ARCHITECTURE.style_size))
    for norm in ARCHITECTURE.layers.normalizations.values():
        styles[:, norm.scales] += 1
    metadata = {"teachers": '["red", "green", "blue"]'}
    return Body(f"{seed:064}", ARCHITECTURE, weights, styles.astype(np.float32), metadata)


def tiny_network() -> Network:
    body = tiny_body()
    return as_network(body.network(body.styles[0]))


def pictures(count: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    small = torch.rand(count, 3, 6, 8, generator=generator)
    large = torch.nn.functional.interpolate(small, (90, 120), mode="bilinear")
    return list((large * 255).byte())
