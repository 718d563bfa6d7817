"""Training a network to paint like one artwork."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from style_pipeline.stylization.device import chosen_device
from style_pipeline.stylization.backends.network import ARCHITECTURES, PaintingNetwork
from style_pipeline.training.crops import draw_batch
from style_pipeline.training.losses import Objective
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.recipe import TrainingRecipe, learning_rate, stability_weight


@dataclass(frozen=True, kw_only=True)
class TrainingProgress:
    """Where a run stands after ``iteration`` iterations; losses are not weighted."""

    iteration: int
    iterations: int
    content: float
    style: float
    variation: float
    stability: float
    seconds: float
    eta_seconds: float


def save_checkpoint(path: Path, state: dict[str, object]) -> None:
    """Write beside ``path``, then rename: an interrupted save leaves the former one."""
    partial = path.with_name(path.name + ".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def train(
    artwork: Tensor,
    photographs: Sequence[Tensor],
    perceptual: PerceptualNetwork,
    recipe: TrainingRecipe,
    *,
    device: str = "auto",
    on_progress: Callable[[TrainingProgress, PaintingNetwork], None] = lambda *_: None,
    start: nn.Module | None = None,
    checkpoint_path: Path | None = None,
    checkpoint_every: int = 200,
    resume: bool = False,
    stop_after: int | None = None,
) -> PaintingNetwork:
    """Train a network to paint like ``artwork``, after Johnson et al. 2016.

    Every iteration draws from a generator seeded by the recipe and its own number, so a run
    that was interrupted and resumed gives what an uninterrupted one gives; on a GPU but for
    rounding, as it adds up gradients in no fixed order.

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
            state = torch.load(checkpoint_path, map_location="cpu", weights_only=True)
            if state["recipe"] != repr(recipe):
                raise ValueError(f"{checkpoint_path}: made with another recipe, cannot resume.")
            network.load_state_dict(state["network"])
            optimizer.load_state_dict(state["optimizer"])
            first = state["iteration"]
        objective = Objective(artwork, photographs, perceptual, recipe, device=place)
        last = min(recipe.iterations, stop_after or recipe.iterations)
        started = time.monotonic()
        for iteration in range(first, last):
            torch.manual_seed(recipe.seed * 1_000_003 + iteration)
            batch = draw_batch(photographs, recipe).to(place)
            batch = batch.contiguous(memory_format=torch.channels_last)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(iteration, recipe)
            steady = stability_weight(iteration, recipe) > 0
            losses = objective.losses(network, batch, stability=steady)
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
            progress = TrainingProgress(
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
