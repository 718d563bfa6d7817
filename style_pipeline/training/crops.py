"""What a training looks at: crops of photographs, and the artwork at the size it is learned at."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.transforms import v2

from style_pipeline.training.recipe import TrainingRecipe


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
