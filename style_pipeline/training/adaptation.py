"""New styles begin with a trained one: most of what its network knows serves any painting."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.model_file import StyleModel
from style_pipeline.stylization.backends.network import as_module
from style_pipeline.training.crops import draw_batch
from style_pipeline.training.losses import Objective
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import TrainingRecipe

BATCHES: Final = 4


def default_recipe(
    *, adapted: bool, iterations: int | None = None, **changes: object
) -> TrainingRecipe:
    """The recipe for a network that begins with a trained one, or from scratch, with changes.

    An adapted one needs a quarter of the iterations, gentler ones, and no boost of the style: it
    has a palette to leave, not a photograph.
    """
    scratch = TrainingRecipe()
    count = iterations or (1500 if adapted else scratch.iterations)
    # Strokes have to be there before they can hold still, however short the training is.
    share = min(1, count / scratch.iterations)
    recipe = replace(
        scratch, iterations=count, stability_from=round(share * scratch.stability_from)
    )
    if adapted:
        recipe = replace(recipe, learning_rate=1e-3, warmup=20, style_boost=1.0)
    given = {name: value for name, value in changes.items() if value is not None}
    return replace(recipe, **given)  # type: ignore[arg-type]


def fits(model: StyleModel, recipe: TrainingRecipe) -> bool:
    """Whether a training with that recipe can begin with the weights of ``model``."""
    trained = Architecture(recipe.architecture, recipe.channels, recipe.residual_blocks)
    return model.network.architecture == trained


def nearest(
    candidates: Iterable[StyleModel],
    artwork: Tensor,
    photographs: Sequence[Tensor],
    perceptual: PerceptualNetwork,
    recipe: TrainingRecipe,
    *,
    device: torch.device,
) -> StyleModel | None:
    """The candidate that loses least against ``artwork`` as it is, or None where none fits.

    All are given the same few batches.
    """
    fitting = [model for model in candidates if fits(model, recipe)]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(recipe.seed)
        objective = Objective(artwork, photographs, perceptual, recipe, device=device)
        batches = [draw_batch(photographs, recipe).to(device) for _ in range(BATCHES)]
        found = {}
        for model in fitting:
            torch.manual_seed(recipe.seed)
            network = as_module(model.network).to(device)
            with torch.no_grad():
                losses = [objective.losses(network, batch) for batch in batches]
            total = sum(loss.total(recipe.iterations, recipe).item() for loss in losses)
            found[model.sha256] = (total, model)
    return min(found.values(), key=lambda pair: pair[0])[1]
