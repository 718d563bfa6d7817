"""A small body, and teachers that anything learns from in a second."""

import torch
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.training.recipe import BodyRecipe
from style_pipeline.training.teachers import Teacher

BODY = Architecture("body", (3, 4, 3), 1)
RECIPE = BodyRecipe(
    architecture=BODY, iterations=8, cooldown=4, warm_up=2, batch=2, side=40, zoom=(0.5, 1.5)
)


class Tint(nn.Module):
    """A teacher whose style is a color for all that it sees, and a bit of what is there."""

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        return 0.3 * images + 0.7 * styles[:, :, None, None]


COLORS = {"red": (0.9, 0.1, 0.1), "blue": (0.1, 0.2, 0.8)}
TEACHERS = [
    Teacher(name, Tint(), torch.tensor([color]), 1.0, 1.0)  # type: ignore[arg-type]
    for name, color in COLORS.items()
]


def pictures() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    sizes = ((40, 60), (64, 50), (36, 36))
    return [
        torch.randint(256, (3, *size), dtype=torch.uint8, generator=generator) for size in sizes
    ]
