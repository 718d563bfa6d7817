"""A painting becomes a style: its vector is fitted while the body is held still."""

import time
from collections.abc import Callable, Sequence
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
from style_pipeline.training.objective import Objective
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import FitRecipe, learning_rate

DETAIL_VIEWS: Final = 8
NEAREST_VIEWS: Final = 3


class Style(nn.Module):
    """A body that is held still, and a style that can be trained."""

    def __init__(self, body: Network, style: Tensor) -> None:
        super().__init__()
        self.body = body.eval().requires_grad_(False)
        self.vector = nn.Parameter(style.clone())

    @property
    def stride(self) -> int:
        return self.body.architecture.stride

    @property
    def brushing(self) -> float:
        """How far films in this style are smoothed along strokes, from 0 to 1."""
        return self.body.architecture.brushing_of(self.plain())

    def forward(self, pictures: Tensor) -> Tensor:
        """Float RGB (N, 3, H, W) in [0, 1], to the same shape and range."""
        stylized: Tensor = self.body(pictures, self.vector[None])
        return stylized

    def match_details(self, painting: Tensor, views: Sequence[Tensor]) -> None:
        """Make them as strong as the painting's, see `matched`."""
        with torch.no_grad():
            self.vector.copy_(matched(self.body, self.vector, painting, views))

    def strengthen(self, contrast: float) -> None:
        """Have what is stylized differ so many times as much from its mean color."""
        with torch.no_grad():
            self.vector[self.body.architecture.last_scales] *= contrast

    def brush(self, amount: float) -> None:
        """Have films in this style smoothed along strokes; what is learned does not see it."""
        with torch.no_grad():
            self.vector[self.body.architecture.brushing] = amount

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
        style.brush(recipe.brushing)
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
                style.strengthen(recipe.contrast)
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
