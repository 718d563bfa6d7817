"""The details of a style made as strong as those of its painting."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from style_pipeline.stylization.backends.network import Network, details

WEAKEST: Final = -0.5
STRONGEST: Final = 0.5, 1.0, 1.0
"""In each band: the finest details of a photograph of a painting are its grain, too."""
BORDER: Final = 8
"""Pixels of a picture that are not looked at: its mirror image shows there."""
ROUNDS: Final = 3


def deviations(pictures: Tensor) -> Tensor:
    """Standard deviation of light and dark in each band of details, of float RGB (N, 3, H, W)."""
    inside = (..., slice(BORDER, -BORDER), slice(BORDER, -BORDER))
    bands = details(pictures.float().mean(1, keepdim=True))
    return torch.stack([band[inside].square().mean().sqrt() for band in bands])


@torch.no_grad()
def matched(body: Network, style: Tensor, painting: Tensor, views: Sequence[Tensor]) -> Tensor:
    """The style, (numbers,), with details as strong as the painting's, (1, 3, h, w) in [0, 1].

    A body learns the mean of all strokes that might be at a place, which is softer than any of
    them, and its teachers' strokes may be harder than the painter's. Found by turns, on `views`,
    (1, 3, H, W) in [0, 1]: what a style makes of its strengths is nearly linear.
    """
    place = body.architecture.details
    if place is None:
        return style
    wanted, found = deviations(painting), style.clone()
    most = torch.tensor(STRONGEST).to(found)
    for _ in range(ROUNDS):
        seen = torch.stack([deviations(body(view, found[None])) for view in views])
        share = wanted / seen.square().mean(0).sqrt().clamp(min=1e-4)
        found[place] = ((1 + found[place]) * share - 1).clamp(min=WEAKEST).minimum(most)
    return found
