"""Gatys' optimisation, and how far it has come after how many steps.

What Gatys et al. 2016, "Image Style Transfer Using Convolutional Neural Networks", make of a
photograph: the pixels themselves are optimised, with L-BFGS in [0, 1], by the losses that networks
are trained with.
"""

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from style_pipeline.training.losses import Losses, Objective
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import TrainingRecipe


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Losses of one picture, or their means: ``total`` is weighted, the others are not."""

    content: float
    style: float
    variation: float
    total: float


def figures(losses: Losses, recipe: TrainingRecipe) -> Figures:
    """With the weights that the recipe ends with; the stability is not part of ``losses``."""
    return Figures(
        content=losses.content.item(),
        style=losses.style.item(),
        variation=losses.variation.item(),
        total=losses.total(recipe.iterations, recipe).item(),
    )


@torch.no_grad()
def measure(network: nn.Module, photograph: Tensor, objective: Objective) -> Figures:
    return figures(objective.losses(network, photograph), objective.recipe)


class Remembering(PerceptualNetwork):
    """``network``, which does not look again at the target that it saw last: a third is saved."""

    def __init__(self, network: PerceptualNetwork) -> None:
        super().__init__()
        self.network = network
        self.name = network.name
        self.target = torch.empty(0)
        self.seen: dict[str, Tensor] = {}

    def features(self, images: Tensor) -> dict[str, Tensor]:
        if torch.is_grad_enabled():
            return self.network.features(images)
        if not torch.equal(images, self.target):
            self.target, self.seen = images.clone(), self.network.features(images)
        return self.seen


class Pixels(nn.Module):
    """A picture that is optimised, in the place of a network that would make it."""

    def __init__(self, start: Tensor) -> None:
        super().__init__()
        self.pixels = nn.Parameter(start.clone())

    def forward(self, photograph: Tensor) -> Tensor:
        return self.pixels.clamp(0, 1)


def optimise(
    photograph: Tensor, objective: Objective, steps: Iterable[int], *, start: Tensor
) -> Iterator[Figures]:
    """The losses of Gatys' picture after so many ``steps``, which rise: iterations of L-BFGS with
    a line search, each of which looks at about 1.1 pictures.

    Args:
        photograph: float (1, 3, H, W) in [0, 1].
        start: the picture to begin with, of the same kind.
    """
    painting = Pixels(start)
    optimizer = torch.optim.LBFGS(
        painting.parameters(),
        max_eval=sys.maxsize,
        tolerance_grad=0,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        total = objective.losses(painting, photograph).total(
            objective.recipe.iterations, objective.recipe
        )
        total.backward()  # type: ignore[no-untyped-call]
        return total

    done = 0
    for goal in steps:
        optimizer.param_groups[0]["max_iter"] = goal - done
        optimizer.step(loss)  # type: ignore[no-untyped-call]
        done = goal
        yield measure(painting, photograph, objective)


def worth_steps(total: float, curve: Mapping[int, float]) -> float:
    """After how many steps the ``curve`` of falling losses comes down to ``total``.

    Between the points of the curve the loss is taken to fall with the
    logarithm of 1 + steps. It is infinite where the curve does not come so far, 0 above it.
    """
    if total < min(curve.values()):
        return math.inf
    known = sorted((loss, math.log1p(step)) for step, loss in curve.items())
    losses, logarithms = zip(*known, strict=True)
    return math.expm1(np.interp(total, losses, logarithms))
