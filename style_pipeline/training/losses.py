"""What a training minimises."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from style_pipeline.training.crops import draw_batch, shrink_artwork, window
from style_pipeline.training.perceptual import (
    PerceptualNetwork,
    content_loss,
    gram_matrix,
    mean_energy,
    style_loss,
    total_variation,
)
from style_pipeline.training.recipe import TrainingRecipe, stability_weight, style_weight

ENERGY_BATCHES: Final = 16
MARGIN: Final = 16
"""Pixels along the borders of a crop where the mirror image shows: two views differ there."""


@dataclass(frozen=True)
class Losses:
    """Of one batch, not weighted."""

    content: Tensor
    style: Tensor
    variation: Tensor
    stability: Tensor

    def total(self, iteration: int, recipe: TrainingRecipe) -> Tensor:
        """What is minimised at this iteration."""
        return (
            self.content
            + style_weight(iteration, recipe) * self.style
            + recipe.variation_weight * self.variation
            + stability_weight(iteration, recipe) * self.stability
        )


class Objective:
    """The losses of one artwork."""

    def __init__(
        self,
        artwork: Tensor,
        photographs: Sequence[Tensor],
        perceptual: PerceptualNetwork,
        recipe: TrainingRecipe,
        *,
        device: torch.device,
    ) -> None:
        self.device = device
        # GPUs before Ampere only emulate it, and more slowly than they compute in float32.
        self.bfloat16 = recipe.bfloat16 and (
            device.type != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
        )
        dtype = torch.bfloat16 if self.bfloat16 else torch.float32
        self.perceptual = deepcopy(perceptual).to(device, dtype)
        self.perceptual.to(memory_format=torch.channels_last)
        self.recipe = recipe
        with torch.no_grad():
            painting = self.perceptual.features(
                shrink_artwork(artwork, recipe.artwork_side).to(device)
            )
            batches = [draw_batch(photographs, recipe).to(device) for _ in range(ENERGY_BATCHES)]
            scenes = [self.perceptual.features(batch) for batch in batches]
        self.grams = {layer: gram_matrix(painting[layer]) for layer, _ in recipe.style_layers}
        self.energies = {
            layer: torch.stack([mean_energy(scene[layer]) for scene in scenes]).mean()
            for layer in recipe.content_layers
        }

    def losses(self, network: nn.Module, batch: Tensor, *, stability: bool = False) -> Losses:
        """Losses of what ``network`` makes of the middle of ``batch`` (see `draw_batch`).

        Without ``stability`` that one is 0.
        """
        recipe = self.recipe
        pictures = window(batch, recipe)
        noisy = (pictures + recipe.noise * torch.randn_like(pictures)).clamp(0, 1)
        with torch.no_grad():
            target = self.perceptual.features(pictures)
        painted = self._paint(network, noisy)
        seen = self.perceptual.features(painted)
        content = torch.stack(
            [
                content_loss(seen[layer], target[layer], energy=self.energies[layer])
                for layer in recipe.content_layers
            ]
        ).sum()
        style = torch.stack(
            [w * style_loss(seen[layer], self.grams[layer]) for layer, w in recipe.style_layers]
        ).sum()
        unsteady = (
            self._unsteadiness(network, batch, painted) if stability else content.new_zeros(())
        )
        return Losses(content, style, total_variation(painted), unsteady)

    def _unsteadiness(self, network: nn.Module, batch: Tensor, painted: Tensor) -> Tensor:
        """Mean squared difference between the painting and that of a moved camera: a few pixels
        off, a little brighter or darker, with noise.

        After Rainy & de Berker 2018, "Stabilizing neural style-transfer for video with
        noise-resilience". Whole pixels only: interpolation would teach blur.
        """
        recipe = self.recipe
        reach = recipe.stability_shift
        down, right = torch.randint(-reach, reach + 1, (2,)).tolist()
        gain = 1 + recipe.stability_gain * (2 * torch.rand(len(batch), 1, 1, 1) - 1)
        noise = recipe.stability_noise * torch.rand(len(batch), 1, 1, 1)
        other = window(batch, recipe, down=down, right=right) * gain.to(batch)
        other = (other + noise.to(batch) * torch.randn_like(other)).clamp(0, 1)
        there = torch.roll(painted, (-down, -right), (2, 3))  # what wraps around is in the margin
        inside = slice(MARGIN, -MARGIN)
        return (self._paint(network, other) - there)[..., inside, inside].square().mean()

    def _paint(self, network: nn.Module, pictures: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            painted: Tensor = network(pictures)
        return painted.float()
