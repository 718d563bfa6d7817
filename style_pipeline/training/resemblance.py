"""How far what a body makes is from what its teacher does: not pixel by pixel, which alone teaches
it the mean of all strokes that there may be."""

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

FILTERS: Final = 18
"""Random filters of `texture_distance`; a third of them see colors alone."""
WINDOWS: Final = (32, 16, 10)
"""Pixels a side, at a half, a quarter and an eighth of the size, within which textures are told
apart."""


def steps(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighboring pixels, across and down."""
    return pictures[..., 1:] - pictures[..., :-1], pictures[..., 1:, :] - pictures[..., :-1, :]


def step_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute differences of `steps`, across and down."""
    across, down = (
        (here - there).abs().mean() for here, there in zip(steps(made), steps(wanted), strict=True)
    )
    return across + down


def strokes(pictures: Tensor) -> Tensor:
    """How strong edges are in four directions in each cell of 16 pixels: of (N, C, H, W), (N, 4 C,
    H / 16, W / 16).

    It says that there are strokes and how they run, not where each lies.
    """
    smooth = _smooth(pictures)
    here, right = smooth[..., :-1, :-1], smooth[..., :-1, 1:]
    below, across = smooth[..., 1:, :-1], smooth[..., 1:, 1:]
    edges = torch.cat([right - here, below - here, across - here, below - right], 1)
    energy: Tensor = F.avg_pool2d(edges.square(), 8)
    return (energy + 1e-5).sqrt()


def stroke_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute difference of `strokes`."""
    return (strokes(made) - strokes(wanted)).abs().mean()


def texture_distance(made: Tensor, wanted: Tensor, *, seed: int) -> Tensor:
    """Sliced Wasserstein distance of textures (Heitz et al. 2021, "A Sliced Wasserstein Loss for
    Neural Texture Synthesis"), window by window, of the answers of random filters in place of a
    network's.

    A window has the contrast, the colors and the kind of strokes that it is to have wherever each
    of them lies. `seed` draws the filters and where windows begin. Views whose sides are below 136
    pixels are not compared at every size.
    """
    drawn = torch.Generator().manual_seed(seed)
    filters = _filters(drawn).to(made)
    down, across = torch.rand(2, generator=drawn).tolist()
    both = _smooth(torch.cat([made, wanted]))
    total = torch.zeros((), device=made.device)
    for level, window in enumerate(WINDOWS):
        both = F.avg_pool2d(both, 2) if level else both
        if min(both.shape[-2:]) < 2 * window + 4:  # a window at any place, and a filter's rim
            break
        answers = F.conv2d(both, filters)[..., int(down * window) :, int(across * window) :]
        windows = F.unfold(answers, window, stride=window)
        ordered = windows.view(len(both), FILTERS, window**2, -1).sort(2).values
        here, there = ordered.chunk(2)
        total = total + (here - there).abs().mean()
    return total / len(WINDOWS)


def _filters(drawn: torch.Generator) -> Tensor:
    """(`FILTERS`, 3, 5, 5), of length 1."""
    filters = torch.randn((FILTERS, 3, 5, 5), generator=drawn)
    filters -= filters.mean((2, 3), keepdim=True)
    of_colors = FILTERS // 3
    filters[:of_colors] = 0
    filters[:of_colors, :, 2, 2] = torch.randn((of_colors, 3), generator=drawn)
    return F.normalize(filters.flatten(1), dim=1).view_as(filters)


def _smooth(pictures: Tensor) -> Tensor:
    """Half the size, without what teachers' upsampling draws, a lattice of two and four pixels."""
    return F.avg_pool2d(pictures, 4, 2)
