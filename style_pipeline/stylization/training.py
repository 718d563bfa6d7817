"""Training a transformer network to paint like one artwork."""

import math
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

from style_pipeline.stylization.network import STRIDE, TransformerNet
from style_pipeline.stylization.perceptual import (
    PerceptualNetwork,
    content_loss,
    gram_matrix,
    mean_energy,
    style_loss,
    total_variation,
)

ENERGY_BATCHES: Final = 16


@dataclass(frozen=True, kw_only=True)
class TrainingRecipe:
    """Everything that decides what a training run gives; a model's metadata records it."""

    channels: tuple[int, int, int] = (32, 64, 128)
    residual_blocks: int = 5
    iterations: int = 6000
    batch: int = 2
    crop: int = 192
    crop_area: tuple[float, float] = (0.02, 0.5)
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
    seed: int = 1
    bfloat16: bool = True

    def __post_init__(self) -> None:
        if self.crop % STRIDE or self.crop < 64:
            raise ValueError(f"{self.crop = }: must be a multiple of {STRIDE}, at least 64.")
        if self.iterations < 1 or self.batch < 1:
            raise ValueError(f"{self.iterations = }, {self.batch = }: must be at least 1.")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands after ``iteration`` iterations; losses are not weighted."""

    iteration: int
    iterations: int
    content: float
    style: float
    variation: float
    seconds: float
    eta_seconds: float


def learning_rate(iteration: int, recipe: TrainingRecipe) -> float:
    """Linear warm-up, then half a cosine down to nothing (Loshchilov & Hutter 2017)."""
    decay = 0.5 * (1 + math.cos(math.pi * iteration / recipe.iterations))
    return recipe.learning_rate * min(1.0, (iteration + 1) / recipe.warmup) * decay


def style_weight(iteration: int, recipe: TrainingRecipe) -> float:
    """The style's weight, boosted at first: a network that learns the photograph before the
    palette stays monochrome for long."""
    boost = (recipe.style_boost - 1) * max(0.0, 1 - iteration / recipe.boost_iterations)
    return recipe.style_weight * (1 + boost)


def shrink_artwork(artwork: Tensor, side: int) -> Tensor:
    """``artwork``, uint8 (3, H, W), with its long side at ``side``: float (1, 3, h, w)."""
    height, width = artwork.shape[-2:]
    scale = side / max(height, width)
    size = [max(32, round(height * scale)), max(32, round(width * scale))]
    resized: Tensor = v2.functional.resize(artwork, size, antialias=True)
    return resized[None].float() / 255


def draw_batch(photographs: Sequence[Tensor], recipe: TrainingRecipe) -> Tensor:
    """Random crops, float (batch, 3, crop, crop) in [0, 1], from torch's random state."""
    transform = v2.Compose(
        [
            v2.RandomResizedCrop(recipe.crop, scale=recipe.crop_area, antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=(0.4, 1.3), contrast=0.2, saturation=0.3),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    chosen = torch.randint(len(photographs), (recipe.batch,)).tolist()
    return torch.stack([transform(photographs[index]) for index in chosen])


def save_checkpoint(path: Path, state: dict[str, object]) -> None:
    """Write beside ``path``, then rename: an interrupted save leaves the former one."""
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)


class Trainer:
    """The losses of one artwork, and the network that learns them."""

    def __init__(
        self,
        artwork: Tensor,
        photographs: Sequence[Tensor],
        perceptual: PerceptualNetwork,
        recipe: TrainingRecipe,
    ) -> None:
        dtype = torch.bfloat16 if recipe.bfloat16 else torch.float32
        self.perceptual = deepcopy(perceptual).to(dtype)
        self.recipe = recipe
        with torch.no_grad():
            painting = self.perceptual.features(shrink_artwork(artwork, recipe.artwork_side))
            batches = [draw_batch(photographs, recipe) for _ in range(ENERGY_BATCHES)]
            scenes = [self.perceptual.features(batch) for batch in batches]
        self.grams = {layer: gram_matrix(painting[layer]) for layer, _ in recipe.style_layers}
        self.energies = {
            layer: torch.stack([mean_energy(scene[layer]) for scene in scenes]).mean()
            for layer in recipe.content_layers
        }

    def losses(self, network: nn.Module, batch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Content, style and variation, not weighted, of what ``network`` makes of ``batch``."""
        recipe = self.recipe
        noisy = (batch + recipe.noise * torch.randn_like(batch)).clamp(0, 1)
        with torch.no_grad():
            target = self.perceptual.features(batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
            painted = network(noisy)
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
        return content, style, total_variation(painted)


def train(
    artwork: Tensor,
    photographs: Sequence[Tensor],
    perceptual: PerceptualNetwork,
    recipe: TrainingRecipe,
    *,
    on_progress: Callable[[Progress, TransformerNet], None] = lambda progress, network: None,
    start: nn.Module | None = None,
    checkpoint_path: Path | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    stop_after: int | None = None,
) -> TransformerNet:
    """Train a network to paint like ``artwork``, after Johnson et al. 2016.

    Every iteration draws from a generator seeded by the recipe and its own number, so a run
    that was interrupted and resumed gives what an uninterrupted one gives.

    Args:
        artwork: uint8 RGB (3, H, W).
        photographs: uint8 RGB (3, H, W) each, of any sizes.
        perceptual: sees the pictures; not changed.
        on_progress: called after every iteration with its figures and the network.
        start: begin with the weights of this network, of the recipe's size, not random ones.
        checkpoint_path: written every ``checkpoint_every`` iterations and at the end.
        resume: go on from the checkpoint, if it is there.
        stop_after: end early after this iteration, checkpointed.

    Raises:
        ValueError: there are no photographs, or the checkpoint is of another recipe.
    """
    if not photographs:
        raise ValueError("no photographs to train on.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = TransformerNet(
            channels=recipe.channels, residual_blocks=recipe.residual_blocks
        ).to(memory_format=torch.channels_last)
        if start is not None:
            network.load_state_dict(start.state_dict())
        optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
        first = 0
        if resume and checkpoint_path is not None and checkpoint_path.exists():
            state = torch.load(checkpoint_path, weights_only=True)
            if state["recipe"] != repr(recipe):
                raise ValueError(f"{checkpoint_path}: made with another recipe, cannot resume.")
            network.load_state_dict(state["network"])
            optimizer.load_state_dict(state["optimizer"])
            first = state["iteration"]
        trainer = Trainer(artwork, photographs, perceptual, recipe)
        last = min(recipe.iterations, stop_after or recipe.iterations)
        started = time.monotonic()
        for iteration in range(first, last):
            torch.manual_seed(recipe.seed * 1_000_003 + iteration)
            batch = draw_batch(photographs, recipe).to(memory_format=torch.channels_last)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(iteration, recipe)
            content, style, variation = trainer.losses(network, batch)
            loss = content + style_weight(iteration, recipe) * style
            loss = loss + recipe.variation_weight * variation
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
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
                content=content.item(),
                style=style.item(),
                variation=variation.item(),
                seconds=seconds,
                eta_seconds=seconds / (done - first) * (recipe.iterations - done),
            )
            on_progress(progress, network)
    return network.eval()
