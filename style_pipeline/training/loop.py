"""Training a network to paint like one artwork."""

import os
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from style_pipeline.stylization.device import chosen_device
from style_pipeline.stylization.network import ARCHITECTURES, PaintingNetwork
from style_pipeline.training.perceptual import (
    PerceptualNetwork,
    content_loss,
    gram_matrix,
    mean_energy,
    style_loss,
    total_variation,
)
from style_pipeline.training.recipe import (
    TrainingRecipe,
    learning_rate,
    stability_weight,
    style_weight,
)

ENERGY_BATCHES: Final = 16
MARGIN: Final = 16
"""Pixels along the borders of a crop where the mirror image shows: two views differ there."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands after ``iteration`` iterations; losses are not weighted."""

    iteration: int
    iterations: int
    content: float
    style: float
    variation: float
    stability: float
    seconds: float
    eta_seconds: float


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


def shrink_artwork(artwork: Tensor, side: int) -> Tensor:
    """``artwork``, uint8 (3, H, W), with its long side at ``side``: float (1, 3, h, w)."""
    height, width = artwork.shape[-2:]
    scale = side / max(height, width)
    size = [max(32, round(height * scale)), max(32, round(width * scale))]
    resized: Tensor = v2.functional.resize(artwork, size, antialias=True)
    return resized[None].float() / 255


def draw_batch(photographs: Sequence[Tensor], recipe: TrainingRecipe) -> Tensor:
    """Random crops, float (batch, 3, side, side) in [0, 1], from torch's random state.

    ``side`` is the recipe's crop and room for moving it by ``stability_shift`` every way.
    """
    side = recipe.crop + 2 * recipe.stability_shift
    transform = v2.Compose(
        [
            v2.RandomResizedCrop(side, scale=recipe.crop_area, antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=(0.6, 1.2), contrast=0.1, saturation=0.2),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    chosen = torch.randint(len(photographs), (recipe.batch,)).tolist()
    return torch.stack([transform(photographs[index]) for index in chosen])


def window(pictures: Tensor, recipe: TrainingRecipe, *, down: int = 0, right: int = 0) -> Tensor:
    """The crop (N, 3, crop, crop) that lies ``down`` and ``right`` of the middle."""
    top, left = recipe.stability_shift + down, recipe.stability_shift + right
    return pictures[..., top : top + recipe.crop, left : left + recipe.crop]


def save_checkpoint(path: Path, state: dict[str, object]) -> None:
    """Write beside ``path``, then rename: an interrupted save leaves the former one."""
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)


class Trainer:
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
        dtype = torch.bfloat16 if recipe.bfloat16 else torch.float32
        self.device = device
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
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.recipe.bfloat16):
            painted: Tensor = network(pictures)
        return painted.float()


def train(
    artwork: Tensor,
    photographs: Sequence[Tensor],
    perceptual: PerceptualNetwork,
    recipe: TrainingRecipe,
    *,
    device: str = "auto",
    on_progress: Callable[[Progress, PaintingNetwork], None] = lambda progress, network: None,
    start: nn.Module | None = None,
    checkpoint_path: Path | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    stop_after: int | None = None,
) -> PaintingNetwork:
    """Train a network to paint like ``artwork``, after Johnson et al. 2016.

    Every iteration draws from a generator seeded by the recipe and its own number, so a run
    that was interrupted and resumed gives what an uninterrupted one gives.

    Args:
        artwork: uint8 RGB (3, H, W).
        photographs: uint8 RGB (3, H, W) each, of any sizes.
        perceptual: sees the pictures; not changed.
        device: as torch names it; ``auto`` is a GPU where there is one.
        on_progress: called after every iteration with its figures and the network.
        start: begin with the weights of this network of the same architecture, not random ones.
        checkpoint_path: written every ``checkpoint_every`` iterations and at the end.
        resume: go on from the checkpoint, if it is there.
        stop_after: end early after this iteration, checkpointed.

    Raises:
        ValueError: there are no photographs, or the checkpoint is of another recipe.
    """
    if not photographs:
        raise ValueError("no photographs to train on.")
    place = torch.device(chosen_device(device))
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []):
        torch.manual_seed(recipe.seed)
        network = ARCHITECTURES[recipe.architecture](
            channels=recipe.channels, residual_blocks=recipe.residual_blocks
        )
        network.to(place).to(memory_format=torch.channels_last)
        if start is not None:
            network.load_state_dict(start.state_dict())
        optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
        first = 0
        if resume and checkpoint_path is not None and checkpoint_path.exists():
            state = torch.load(checkpoint_path, map_location=place, weights_only=True)
            if state["recipe"] != repr(recipe):
                raise ValueError(f"{checkpoint_path}: made with another recipe, cannot resume.")
            network.load_state_dict(state["network"])
            optimizer.load_state_dict(state["optimizer"])
            first = state["iteration"]
        trainer = Trainer(artwork, photographs, perceptual, recipe, device=place)
        last = min(recipe.iterations, stop_after or recipe.iterations)
        started = time.monotonic()
        for iteration in range(first, last):
            torch.manual_seed(recipe.seed * 1_000_003 + iteration)
            batch = draw_batch(photographs, recipe).to(place)
            batch = batch.contiguous(memory_format=torch.channels_last)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(iteration, recipe)
            steady = stability_weight(iteration, recipe) > 0
            losses = trainer.losses(network, batch, stability=steady)
            optimizer.zero_grad()
            losses.total(iteration, recipe).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            done = iteration + 1
            if checkpoint_path is not None and (done % checkpoint_every == 0 or done == last):
                save_checkpoint(
                    checkpoint_path,
                    {
                        "recipe": repr(recipe),
                        "iteration": done,
                        "network": network.state_dict(),
                        "optimizer": optimizer.state_dict(),
                    },
                )
            seconds = time.monotonic() - started
            progress = Progress(
                iteration=done,
                iterations=recipe.iterations,
                content=losses.content.item(),
                style=losses.style.item(),
                variation=losses.variation.item(),
                stability=losses.stability.item(),
                seconds=seconds,
                eta_seconds=seconds / (done - first) * (recipe.iterations - done),
            )
            on_progress(progress, network)
    network.eval()
    return network
