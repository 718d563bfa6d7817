"""Training a body: it learns many styles at once from networks that have them already."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.backends.network import Network
from style_pipeline.stylization.model_file import Body
from style_pipeline.training.checkpoints import save_checkpoint
from style_pipeline.training.lessons import Lesson, Lessons
from style_pipeline.training.muon import Muon
from style_pipeline.training.recipe import BodyRecipe, schedule
from style_pipeline.training.resampling import without_aliasing
from style_pipeline.training.resemblance import step_distance, stroke_distance, texture_distance
from style_pipeline.training.teachers import Teacher
from style_pipeline.training.views import cut

MARGIN: Final = 8
"""Pixels at the borders of views, where their mirror images show, that need not agree."""
STEADINESS: Final = 20.0
"""Weight of `unsteadiness` beside the differences of pixels and of their steps."""
STROKES: Final = 2.0
"""The same of `stroke_distance`."""
TEXTURE: Final = 8.0
"""The same of `texture_distance`."""


class BodyTraining:
    """A body in training, with the styles of all teachers.

    Args:
        start: a body to begin with, of the recipe's architecture. Styles that it has of a teacher
            are begun with, too.
    """

    def __init__(
        self,
        recipe: BodyRecipe,
        teachers: Sequence[Teacher],
        *,
        start: Body | None = None,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.teachers, self.iteration = recipe, teachers, 0
        self.network = Network(recipe.architecture)
        styles = initial_styles(recipe.architecture, len(teachers))
        if start is not None:
            weights = {name: torch.from_numpy(array) for name, array in start.weights.items()}
            self.network.layers.load_state_dict(weights)
            known = dict(zip(start.teachers, torch.from_numpy(start.styles), strict=True))
            for number, teacher in enumerate(teachers):
                styles[number] = known.get(teacher.name, styles[number])
        without_aliasing(self.network).to(device).to(memory_format=torch.channels_last)
        self.styles = nn.Parameter(styles.to(device))
        self.optimizers: list[torch.optim.Optimizer] = [
            Muon(self.network.parameters(), recipe.rate),
            torch.optim.Adam([self.styles], recipe.rate, betas=(0.9, 0.99)),
        ]

    def state(self) -> dict[str, Any]:
        return {
            "recipe": asdict(self.recipe),
            "teachers": [teacher.name for teacher in self.teachers],
            "iteration": self.iteration,
            "network": self.network.state_dict(),
            "styles": self.styles.detach(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Raises `ValueError` for a checkpoint of another recipe, other teachers, or of a version
        whose styles had other numbers."""
        lasting = asdict(replace(self.recipe, iterations=0))
        if state["recipe"] | {"iterations": 0} != lasting or state["teachers"] != [
            teacher.name for teacher in self.teachers
        ]:
            raise ValueError("the checkpoint was made with another recipe or other teachers")
        if state["styles"].shape != self.styles.shape:
            count = self.styles.shape[1]
            raise ValueError(f"the checkpoint's styles have not {count} numbers: begin anew")
        self.iteration = state["iteration"]
        self.network.load_state_dict(state["network"])
        with torch.no_grad():
            self.styles.copy_(state["styles"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)

    def step(self, lesson: Lesson) -> float:
        """Learn from it; the mean absolute difference from the teachers, in [0, 1]."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.recipe.rate * schedule(self.iteration, self.recipe)
        device = self.styles.device
        views, targets = (each.to(device).flatten(0, 1) for each in (lesson.views, lesson.targets))
        styles = self.styles[lesson.teachers.to(device)].repeat_interleave(2, 0)
        made = self.network(views.contiguous(memory_format=torch.channels_last), styles)
        loss = (made - targets).abs().mean()
        restless = STEADINESS * unsteadiness(made.unflatten(0, (-1, 2)), lesson.offsets)
        stroked = STROKES * stroke_distance(made, targets)
        textured = TEXTURE * texture_distance(made, targets, seed=self.iteration)
        self.network.zero_grad()
        self.styles.grad = None
        (loss + step_distance(made, targets) + restless + stroked + textured).backward()
        if self.styles.grad is not None and (place := self.recipe.architecture.details):
            self.styles.grad[:, place] = 0  # matched to a painting, not learned: `details.matched`
        norm = nn.utils.clip_grad_norm_([*self.network.parameters(), self.styles], 1.0)
        if torch.isfinite(norm):
            for optimizer in self.optimizers:
                optimizer.step()
        self.iteration += 1
        return float(loss.detach())


def unsteadiness(made: Tensor, offsets: Tensor) -> Tensor:
    """Mean squared difference of what is made of the same view twice, (N, 2, 3, S, S), where both
    show it (after Rainy & de Berker 2018, "Stabilizing neural style-transfer for video with
    noise-resilience").

    Both have the same noise: bodies that were held still between different noise left pictures
    empty where they are flat.
    """
    side = made.shape[-1]
    differences = []
    for pair, places in zip(made, offsets, strict=True):
        # Within the view that was cut, what both show begins where the later one does.
        begin = places.amax(0) + MARGIN
        least = side - 2 * MARGIN - int((places[0] - places[1]).abs().max())
        here, there = (
            cut(each, (begin - place).tolist(), least)
            for each, place in zip(pair, places, strict=True)
        )
        differences.append((here - there).square().mean())
    return torch.stack(differences).mean()


def initial_styles(architecture: Architecture, count: int) -> Tensor:
    """Scales of 1 and shifts of 0."""
    styles = torch.zeros(count, architecture.style_size)
    for norm in architecture.layers.normalizations.values():
        styles[:, norm.scales] = 1
    return styles


def train_body(
    training: BodyTraining,
    pictures: Sequence[Tensor],
    *,
    checkpoint: Path,
    every: int = 100,
    on_progress: Callable[[BodyTraining, float], None] = lambda *_: None,
) -> None:
    """Train until the recipe's last iteration, from the checkpoint if there is one.

    Teachers work in a thread, a lesson ahead of the body. It is no process: one that is forked from
    a program with threads may wait for ever for a lock that none of its own threads holds.
    """
    recipe = training.recipe
    if checkpoint.exists():
        training.resume(torch.load(checkpoint, weights_only=True))
    lessons = Lessons(pictures, training.teachers, recipe)
    coming = (lessons[number] for number in range(training.iteration, recipe.iterations))
    with ThreadPoolExecutor(1) as teaching:
        following = teaching.submit(next, coming, None)
        while lesson := following.result():
            following = teaching.submit(next, coming, None)
            difference = training.step(lesson)
            if training.iteration % every == 0 or training.iteration == recipe.iterations:
                save_checkpoint(checkpoint, training.state())
            on_progress(training, difference)
