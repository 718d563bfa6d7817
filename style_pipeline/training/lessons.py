"""What a body learns from: views of pictures, and what its teachers make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from style_pipeline.training.noise import film_noise
from style_pipeline.training.recipe import BodyRecipe
from style_pipeline.training.teachers import Teacher
from style_pipeline.training.views import cut, draw_view

JITTER: Final = 8
"""Pixels by which teacher and body see a view apart: what a teacher's texture owes to its pixel
grid is not the same twice, so that the body cannot learn it."""


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
                torch.cat([cut(whole, offset, recipe.side) for offset in offsets.tolist()])
                for whole in (noisy, target)
            )
        return views, offsets, teacher, targets
