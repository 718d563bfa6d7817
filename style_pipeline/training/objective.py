"""What a fit minimizes: how far views are from the painting, and from their photographs."""

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Final

import torch
from torch import Tensor

from style_pipeline.training.losses import (
    content_loss,
    gram_matrix,
    mean_energy,
    palette_loss,
    style_loss,
    tone_loss,
)
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import FitRecipe
from style_pipeline.training.views import cut, draw_view, shrunk

ENERGY_VIEWS: Final = 8
MARGIN: Final = 16
"""Pixels along the borders of a view where the mirror image shows: two views differ there."""
SHIFT: Final = 8
"""Pixels by which a view is moved to see whether its picture moves along."""
WEIGHTS: Final = 0.05, 8.0
"""Between which the style's weight is moved."""

Stylize = Callable[[Tensor], Tensor]
"""Float RGB (N, 3, H, W) in [0, 1], to the same shape and range."""


class Objective:
    """The losses of one painting. ``weight`` is the style's, moved so that content is held."""

    def __init__(
        self,
        painting: Tensor,
        photographs: Sequence[Tensor],
        perceptual: PerceptualNetwork,
        recipe: FitRecipe,
        *,
        device: torch.device,
    ) -> None:
        self.recipe, self.device = recipe, device
        self.perceptual = deepcopy(perceptual).to(device)
        self.perceptual.to(memory_format=torch.channels_last)
        self.painting = shrunk(painting, recipe.painting_side).to(device)
        self.weight, self.content = 1.0, recipe.content
        with torch.no_grad():
            seen = self.perceptual.features(self.painting)
            self.grams = {layer: gram_matrix(seen[layer]) for layer in recipe.style_layers}
            side = recipe.crop
            views = (self.draw(photographs)[..., :side, :side] for _ in range(ENERGY_VIEWS))
            energies = [
                mean_energy(self.perceptual.features(view)[recipe.content_layer]) for view in views
            ]
            self.energy = torch.stack(energies).mean()

    def draw(self, photographs: Sequence[Tensor]) -> Tensor:
        """A view, (1, 3, side, side) in [0, 1]."""
        chosen = photographs[int(torch.randint(len(photographs), (1,)))]
        view = draw_view(chosen, side=self.recipe.view, zoom=self.recipe.zoom)
        return view.to(self.device).contiguous(memory_format=torch.channels_last)

    def loss(
        self, stylize: Stylize, view: Tensor, *, steady: bool
    ) -> tuple[Tensor, dict[str, float]]:
        """What is minimized, and its parts."""
        recipe = self.recipe
        noisy = (view + recipe.noise * torch.randn_like(view)).clamp(0, 1)
        stylized = stylize(noisy)
        places = torch.randint((recipe.view - recipe.crop) // 8 + 1, (recipe.crops, 2)) * 8
        here, there = (self._crops(picture, places.tolist()) for picture in (stylized, view))
        with torch.no_grad():
            wanted = self.perceptual.features(there)[recipe.content_layer]
        seen = self.perceptual.features(here)
        content = content_loss(seen[recipe.content_layer], wanted, energy=self.energy)
        far = self._far(seen)
        palette, tone = palette_loss(stylized, self.painting), tone_loss(stylized, view)
        weighted = self.weight * (far + recipe.palette_weight * palette)
        total = content + weighted + recipe.tone_weight * tone
        if steady:
            total = total + recipe.stability_weight * self._unsteadiness(stylize, noisy, stylized)
        self._hold(content.item())
        parts = {"content": content, "style": far, "palette": palette, "tone": tone}
        return total, {name: part.item() for name, part in parts.items()}

    def distance(self, stylize: Stylize, view: Tensor) -> float:
        """How far a view in the style is from the painting: style and palette."""
        stylized = stylize(view)
        middle = (self.recipe.view - self.recipe.crop) // 16 * 8
        seen = self.perceptual.features(self._crops(stylized, [[middle, middle]]))
        return float(self._far(seen) + palette_loss(stylized, self.painting))

    def _far(self, seen: dict[str, Tensor]) -> Tensor:
        """How far features are from the painting's, added up over layers."""
        return torch.stack(
            [style_loss(seen[name], gram) for name, gram in self.grams.items()]
        ).sum()

    def _crops(self, picture: Tensor, places: list[list[int]]) -> Tensor:
        crops = [cut(picture, place, self.recipe.crop) for place in places]
        return torch.cat(crops).contiguous(memory_format=torch.channels_last)

    def _hold(self, content: float) -> None:
        """More of the style while there is too much of the photograph, and the reverse."""
        self.content += 0.05 * (content - self.content)
        moved = self.weight * math.exp(0.02 * (self.recipe.content - self.content))
        self.weight = min(max(moved, WEIGHTS[0]), WEIGHTS[1])

    def _unsteadiness(self, stylize: Stylize, view: Tensor, stylized: Tensor) -> Tensor:
        """Mean squared difference between a picture and that of a moved camera, with noise.

        After Rainy & de Berker 2018, "Stabilizing neural style-transfer for video with
        noise-resilience". Whole pixels only: interpolation would teach blur.
        """
        shift = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
        moved = torch.roll(view, shift, (2, 3))
        moved = (moved + self.recipe.noise * torch.randn_like(moved)).clamp(0, 1)
        inside = slice(MARGIN, -MARGIN)
        difference = stylize(moved) - torch.roll(stylized, shift, (2, 3))
        unsteady: Tensor = difference[..., inside, inside].square().mean()
        return unsteady
