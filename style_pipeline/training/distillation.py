"""Training a body: it learns many styles at once from networks that have them already."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Architecture, normalizations
from style_pipeline.stylization.backends.network import Network
from style_pipeline.stylization.model_file import Body
from style_pipeline.training.checkpoints import save_checkpoint
from style_pipeline.training.muon import Muon
from style_pipeline.training.noise import film_noise
from style_pipeline.training.resampling import without_aliasing
from style_pipeline.training.resemblance import step_distance, stroke_distance, texture_distance
from style_pipeline.training.teachers import Teacher
from style_pipeline.training.views import draw_view

JITTER: Final = 8
"""Pixels by which teacher and body see a view apart: what a teacher's texture owes to its pixel
grid is not the same twice, so that the body cannot learn it."""

MARGIN: Final = 8
"""Pixels at the borders of views, where their mirror images show, that need not agree."""
STEADINESS: Final = 20.0
"""Weight of `unsteadiness` beside the differences of pixels and of their steps."""
STROKES: Final = 2.0
"""The same of `stroke_distance`."""
TEXTURE: Final = 8.0
"""The same of `texture_distance`."""


@dataclass(frozen=True, kw_only=True)
class BodyRecipe:
    """How a body is trained. It is part of its checkpoint; another number of ``iterations`` alone
    may be given to one that is resumed."""

    architecture: Architecture
    iterations: int = 8_000
    cooldown: int = 1_500
    """Iterations at the end in which the rate falls to nothing."""
    warm_up: int = 100
    rate: float = 3e-3
    batch: int = 2
    """Views, each of which is seen twice."""
    side: int = 320
    zoom: tuple[float, float] = (0.4, 1.6)
    noise: float = 0.03
    """At most, of standard deviation, on what the body sees and not its teacher: it learns not to
    stylize noise, which makes films steady."""
    seed: int = 1


@dataclass(frozen=True)
class Lesson:
    """Views as the body sees them, and what their teachers made of them.

    Each is seen twice, moved: ``views`` and ``targets`` are (N, 2, 3, S, S), ``offsets``, in pixels
    down and right, (N, 2, 2), ``teachers`` (N,).
    """

    views: Tensor
    offsets: Tensor
    teachers: Tensor
    targets: Tensor


class Lessons:
    """One lesson after the other, each the same whenever it is asked for.

    Args:
        pictures: uint8 RGB (3, H, W) each, of any size.
    """

    def __init__(
        self, pictures: Sequence[Tensor], teachers: Sequence[Teacher], recipe: BodyRecipe
    ) -> None:
        self.pictures, self.teachers, self.recipe = pictures, teachers, recipe
        self.weights = torch.tensor([teacher.weight for teacher in teachers])

    def __len__(self) -> int:
        return self.recipe.iterations

    def __getitem__(self, number: int) -> Lesson:
        recipe = self.recipe
        drawn = [self._view(number * recipe.batch + view) for view in range(recipe.batch)]
        return Lesson(*(torch.stack(parts) for parts in zip(*drawn, strict=True)))

    def _view(self, index: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        recipe = self.recipe
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed * 1_000_003 + index)
            teacher = torch.multinomial(self.weights, 1)[0]
            picture = self.pictures[int(torch.randint(len(self.pictures), (1,)))]
            view = draw_view(picture, side=recipe.side + JITTER, zoom=recipe.zoom)
            offsets = torch.randint(JITTER + 1, (2, 2))
            target = self.teachers[int(teacher)].stylize(view)
            noisy = (view + film_noise(view, most=recipe.noise)).clamp(0, 1)
            views, targets = (
                torch.cat([_cut(whole, offset, recipe.side) for offset in offsets.tolist()])
                for whole in (noisy, target)
            )
        return views, offsets, teacher, targets


def _cut(picture: Tensor, offset: Sequence[int], side: int) -> Tensor:
    top, left = offset
    return picture[..., top : top + side, left : left + side]


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
        """Raises `ValueError` for a checkpoint of another recipe or other teachers."""
        lasting = asdict(replace(self.recipe, iterations=0))
        if state["recipe"] | {"iterations": 0} != lasting or state["teachers"] != [
            teacher.name for teacher in self.teachers
        ]:
            raise ValueError("the checkpoint was made with another recipe or other teachers")
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
        brushed = STROKES * stroke_distance(made, targets)
        textured = TEXTURE * texture_distance(made, targets, seed=self.iteration)
        self.network.zero_grad()
        self.styles.grad = None
        (loss + step_distance(made, targets) + restless + brushed + textured).backward()
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
            _cut(each, (begin - place).tolist(), least)
            for each, place in zip(pair, places, strict=True)
        )
        differences.append((here - there).square().mean())
    return torch.stack(differences).mean()


def initial_styles(architecture: Architecture, count: int) -> Tensor:
    """Scales of 1 and shifts of 0."""
    styles = torch.zeros(count, architecture.style_size)
    for norm in normalizations(architecture.layers):
        styles[:, norm.scales] = 1
    return styles


def schedule(iteration: int, recipe: BodyRecipe) -> float:
    """Of the rate: rising, constant, then falling (Hagele et al. 2024, "Scaling Laws and
    Compute-Optimal Training Beyond Fixed Training Durations"), so that a training can be extended
    without being planned again."""
    rising = min(1.0, (iteration + 1) / recipe.warm_up)
    return rising * min(1.0, (recipe.iterations - iteration) / max(recipe.cooldown, 1))


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
    with ThreadPoolExecutor(1) as teaching:
        following = teaching.submit(lessons.__getitem__, training.iteration)
        while training.iteration < recipe.iterations:
            lesson = following.result()
            following = teaching.submit(lessons.__getitem__, training.iteration + 1)
            difference = training.step(lesson)
            if training.iteration % every == 0 or training.iteration == recipe.iterations:
                save_checkpoint(checkpoint, training.state())
            on_progress(training, difference)
