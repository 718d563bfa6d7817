"""A painting becomes a style: its vector is fitted while the body is held still."""

import math
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Vector
from style_pipeline.stylization.backends.network import Network
from style_pipeline.stylization.device import chosen_device
from style_pipeline.training.checkpoints import save_checkpoint
from style_pipeline.training.details import matched
from style_pipeline.training.losses import (
    content_loss,
    gram_matrix,
    mean_energy,
    palette_loss,
    style_loss,
    tone_loss,
)
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import FitRecipe, learning_rate
from style_pipeline.training.views import draw_view, shrunk

ENERGY_VIEWS: Final = 8
DETAIL_VIEWS: Final = 8
NEAREST_VIEWS: Final = 3
MARGIN: Final = 16
"""Pixels along the borders of a view where the mirror image shows: two views differ there."""
SHIFT: Final = 8
"""Pixels by which a view is moved to see whether its picture moves along."""
WEIGHTS: Final = 0.05, 8.0
"""Between which the style's weight is moved."""


class Style(nn.Module):
    """A body that is held still, and a style that can be trained."""

    def __init__(self, body: Network, style: Tensor) -> None:
        super().__init__()
        self.body = body.eval().requires_grad_(False)
        self.vector = nn.Parameter(style.clone())

    @property
    def stride(self) -> int:
        return self.body.architecture.stride

    def forward(self, pictures: Tensor) -> Tensor:
        """Float RGB (N, 3, H, W) in [0, 1], to the same shape and range."""
        stylized: Tensor = self.body(pictures, self.vector[None])
        return stylized

    def match_details(self, painting: Tensor, views: Sequence[Tensor]) -> None:
        """Make them as strong as the painting's, see `matched`."""
        with torch.no_grad():
            self.vector.copy_(matched(self.body, self.vector, painting, views))

    def hold_details(self) -> None:
        """Gram matrices would have them harder and harder: they are not learned."""
        place = self.body.architecture.details
        if place is not None and self.vector.grad is not None:
            self.vector.grad[place] = 0

    def plain(self) -> Vector:
        vector: Vector = self.vector.detach().float().cpu().numpy().copy()
        return vector


@dataclass(frozen=True, kw_only=True)
class FitProgress:
    """Where a fit stands after ``iteration`` iterations; losses are not weighted."""

    iteration: int
    iterations: int
    content: float
    style: float
    palette: float
    tone: float
    seconds: float
    eta_seconds: float


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

    def loss(self, style: Style, view: Tensor, *, steady: bool) -> tuple[Tensor, dict[str, float]]:
        """What is minimised, and its parts."""
        recipe = self.recipe
        noisy = (view + recipe.noise * torch.randn_like(view)).clamp(0, 1)
        stylized = style(noisy)
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
            total = total + recipe.stability_weight * self._unsteadiness(style, noisy, stylized)
        self._hold(content.item())
        parts = {"content": content, "style": far, "palette": palette, "tone": tone}
        return total, {name: part.item() for name, part in parts.items()}

    def distance(self, style: Style, view: Tensor) -> float:
        """How far a view in the style is from the painting: style and palette."""
        stylized = style(view)
        middle = (self.recipe.view - self.recipe.crop) // 16 * 8
        seen = self.perceptual.features(self._crops(stylized, [[middle, middle]]))
        return float(self._far(seen) + palette_loss(stylized, self.painting))

    def _far(self, seen: dict[str, Tensor]) -> Tensor:
        """How far features are from the painting's, added up over layers."""
        return torch.stack(
            [style_loss(seen[name], gram) for name, gram in self.grams.items()]
        ).sum()

    def _crops(self, picture: Tensor, places: list[list[int]]) -> Tensor:
        side = self.recipe.crop
        crops = [picture[..., top : top + side, left : left + side] for top, left in places]
        return torch.cat(crops).contiguous(memory_format=torch.channels_last)

    def _hold(self, content: float) -> None:
        """More of the style while there is too much of the photograph, and the reverse."""
        self.content += 0.05 * (content - self.content)
        moved = self.weight * math.exp(0.02 * (self.recipe.content - self.content))
        self.weight = min(max(moved, WEIGHTS[0]), WEIGHTS[1])

    def _unsteadiness(self, style: Style, view: Tensor, stylized: Tensor) -> Tensor:
        """Mean squared difference between a picture and that of a moved camera, with noise.

        After Rainy & de Berker 2018, "Stabilizing neural style-transfer for video with
        noise-resilience". Whole pixels only: interpolation would teach blur.
        """
        shift = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
        moved = torch.roll(view, shift, (2, 3))
        moved = (moved + self.recipe.noise * torch.randn_like(moved)).clamp(0, 1)
        inside = slice(MARGIN, -MARGIN)
        difference = style(moved) - torch.roll(stylized, shift, (2, 3))
        unsteady: Tensor = difference[..., inside, inside].square().mean()
        return unsteady


@torch.no_grad()
def nearest(
    styles: Tensor,
    painting: Tensor,
    photographs: Sequence[Tensor],
    perceptual: PerceptualNetwork,
    body: Network,
    recipe: FitRecipe,
    *,
    device: str = "auto",
) -> Tensor:
    """Which of ``styles``, (K, numbers), is the nearest to the painting as it is."""
    place = torch.device(chosen_device(device))
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(recipe.seed)
        objective = Objective(painting, photographs, perceptual, recipe, device=place)
        views = [objective.draw(photographs) for _ in range(NEAREST_VIEWS)]
        body = body.to(place).to(memory_format=torch.channels_last)
        distances = [
            sum(objective.distance(Style(body, each.to(place)), view) for view in views)
            for each in styles
        ]
    return styles[min(range(len(styles)), key=distances.__getitem__)]


def fit(
    painting: Tensor,
    photographs: Sequence[Tensor],
    perceptual: PerceptualNetwork,
    body: Network,
    start: Tensor,
    recipe: FitRecipe,
    *,
    device: str = "auto",
    on_progress: Callable[[FitProgress, Style], None] = lambda *_: None,
    checkpoint_path: Path | None = None,
    checkpoint_every: int = 25,
    resume: bool = False,
) -> Style:
    """Fit a style to a painting, after Dumoulin et al. 2017 with the losses of Johnson et al. 2016.

    Every iteration draws from a generator seeded by the recipe and its own number, so a fit that
    was interrupted and resumed gives what an uninterrupted one gives; on a GPU but for rounding.

    Args:
        painting: uint8 RGB (3, H, W).
        photographs: uint8 RGB (3, H, W) each, of any sizes.
        perceptual: sees the pictures; not changed.
        body: held still.
        start: the style to begin with, (numbers,).
        device: as torch names it; ``auto`` is a GPU where there is one.
        on_progress: called after every iteration with its figures and the style.
        checkpoint_path: written every ``checkpoint_every`` iterations and at the end.
        resume: go on from the checkpoint, if it is there.

    Raises:
        ValueError: there are no photographs, or the checkpoint is of another recipe.
    """
    if not photographs:
        raise ValueError("no photographs to train on.")
    place = torch.device(chosen_device(device))
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(recipe.seed)
        style = Style(body.to(place).to(memory_format=torch.channels_last), start.to(place))
        optimizer = torch.optim.Adam([style.vector], recipe.learning_rate, betas=(0.9, 0.99))
        objective = Objective(painting, photographs, perceptual, recipe, device=place)
        views = [objective.draw(photographs) for _ in range(DETAIL_VIEWS)]
        style.match_details(objective.painting, views)
        first = 0
        if resume and checkpoint_path is not None and checkpoint_path.exists():
            state = torch.load(checkpoint_path, map_location=place, weights_only=True)
            if state["recipe"] != repr(recipe):
                raise ValueError(f"{checkpoint_path}: made with another recipe, cannot resume.")
            with torch.no_grad():
                style.vector.copy_(state["vector"])
            optimizer.load_state_dict(state["optimizer"])
            first, objective.weight, objective.content = state["at"]
        started = time.monotonic()
        for iteration in range(first, recipe.iterations):
            torch.manual_seed(recipe.seed * 1_000_003 + iteration)
            optimizer.param_groups[0]["lr"] = learning_rate(iteration, recipe)
            view = objective.draw(photographs)
            steady = iteration % recipe.stability_every == 0
            total, parts = objective.loss(style, view, steady=steady)
            optimizer.zero_grad()
            total.backward()  # type: ignore[no-untyped-call]
            style.hold_details()
            nn.utils.clip_grad_norm_([style.vector], 1.0)
            optimizer.step()
            done = iteration + 1
            if done == recipe.iterations:
                style.match_details(objective.painting, views)
            if checkpoint_path is not None and (
                done % checkpoint_every == 0 or done == recipe.iterations
            ):
                state = {
                    "recipe": repr(recipe),
                    "at": (done, objective.weight, objective.content),
                    "vector": style.vector.detach(),
                    "optimizer": optimizer.state_dict(),
                }
                save_checkpoint(checkpoint_path, state)
            seconds = time.monotonic() - started
            left = seconds / (done - first) * (recipe.iterations - done)
            progress = FitProgress(
                iteration=done,
                iterations=recipe.iterations,
                seconds=seconds,
                eta_seconds=left,
                **parts,
            )
            on_progress(progress, style)
    return style
