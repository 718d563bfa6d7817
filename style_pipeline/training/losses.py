"""How far a picture is from a painting, and from the photograph that it was made of."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

AXES: Final = 32
"""Random directions of `palette_loss`, in the space of colors."""
CELL: Final = 16
"""Pixels a side within which `tone_loss` averages light and dark."""


def gram_matrix(features: Tensor) -> Tensor:
    """Correlations of channels (N, C, C), float32, averaged over the pixels of (N, C, H, W)."""
    flat = features.flatten(2)
    return (flat @ flat.mT).float() / flat.shape[-1]


def style_loss(features: Tensor, target_gram: Tensor) -> Tensor:
    """Relative Frobenius distance of Gram matrices (Gatys et al. 2016), averaged over the batch.

    The root keeps the gradient alive near the goal, where a squared term drowns in content.
    """
    error = (gram_matrix(features) - target_gram).square().sum((1, 2))
    # The slope of a root is infinite at zero.
    return ((error / target_gram.square().sum((1, 2)) + 1e-8).sqrt() - 1e-4).mean()


def mean_energy(features: Tensor) -> Tensor:
    """Mean square of the features, float32."""
    return features.float().square().mean()


def content_loss(features: Tensor, target: Tensor, *, energy: Tensor) -> Tensor:
    """Mean squared error as a share of ``energy``, that of photographs at this layer.

    Not of this very target: a flat or dark picture, whose features are faint, would outweigh
    all others and shake the training.
    """
    return mean_energy(features.float() - target.float()) / energy


def palette_loss(pictures: Tensor, painting: Tensor) -> Tensor:
    """Sliced Wasserstein distance of colors (Heitz et al. 2021, "A Sliced Wasserstein Loss for
    Neural Texture Synthesis"), over the deviation of the painting's, at half size.

    Gram matrices alone make a dark painting's styles bright.
    """
    directions = F.normalize(torch.randn(AXES, 3), dim=1).to(pictures)
    here, there = (
        F.avg_pool2d(picture, 2).transpose(0, 1).flatten(1) for picture in (pictures, painting)
    )
    here, there = (
        (directions @ colors[:, torch.randint(colors.shape[1], (2048,))]).sort(1)[0]
        for colors in (here, there)
    )
    distance: Tensor = (here - there).square().mean() / there.var(1).mean()
    root: Tensor = (distance + 1e-8).sqrt()
    return root


def tone_loss(pictures: Tensor, sources: Tensor) -> Tensor:
    """How little light and dark of pictures go along with their sources', from 0 to 2: one less
    the correlation of luma at a low resolution."""
    here, there = (
        F.avg_pool2d(picture.mean(1, keepdim=True), CELL).flatten(1)
        for picture in (pictures, sources)
    )
    here, there = (values - values.mean(1, keepdim=True) for values in (here, there))
    product = (here * there).sum(1) / (here.norm(dim=1) * there.norm(dim=1) + 1e-3)
    distance: Tensor = 1 - product.mean()
    return distance
