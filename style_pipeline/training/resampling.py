"""Changes of resolution without aliasing, at no cost when the network is used.

A convolution with a stride folds frequencies that the smaller picture cannot hold into others:
stairs at edges, and texture that is locked to the pixel grid. Blurring before the stride removes
them (Zhang 2019, "Making Convolutional Networks Shift-Invariant Again"). Likewise a pixel shuffle
whose four phases differ draws a lattice of dots (Sugawara et al. 2018, "Super-Resolution using
Convolutional Neural Networks without Any Checkerboard Artifacts"). Here the kernel that is learned
is one tap smaller than the layer's and is convolved with a 2x2 box, whose response at the highest
frequency is zero; the layer stores the result.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

from style_pipeline.stylization.backends.network import Network, ReflectedConv, Sequence, Shuffle


class Strided(nn.Module):
    """Kernels (O, I, k - 1, k - 1) to kernels (O, I, k, k)."""

    def forward(self, free: Tensor) -> Tensor:
        outputs, inputs = free.shape[:2]
        boxed = _boxed(free.flatten(0, 1)[:, None])
        return boxed.view(outputs, inputs, *boxed.shape[2:])

    def right_inverse(self, weight: Tensor) -> Tensor:
        """The nearest, by least squares."""
        side = weight.shape[-1] - 1
        return _nearest(self, weight, (*weight.shape[:2], side, side))


class Shuffled(nn.Module):
    """Kernels of the large picture, (O, I, 5, 5), to those of the small one before a pixel shuffle
    by two, (4 O, I, 3, 3)."""

    def forward(self, free: Tensor) -> Tensor:
        outputs, inputs = free.shape[:2]
        large = _boxed(free.flatten(0, 1)[:, None])[:, 0]
        phases = [
            large[:, 4 - 2 * torch.arange(3) + row][:, :, 4 - 2 * torch.arange(3) + column]
            for row in range(2)
            for column in range(2)
        ]
        stacked = torch.stack(phases, 1).view(outputs, inputs, 4, 3, 3)
        return stacked.transpose(1, 2).flatten(0, 1)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return _nearest(self, weight, (weight.shape[0] // 4, weight.shape[1], 5, 5))


def without_aliasing(network: Network) -> Network:
    """Constrain the kernels of a body that is to be trained; `Network.weights` are those that
    result."""
    for module in network.modules():
        if not isinstance(module, Sequence):
            continue
        for part, following in zip(module.parts, (*module.parts[1:], None), strict=True):
            if not isinstance(part, ReflectedConv):
                continue
            if isinstance(following, Shuffle):
                parametrize.register_parametrization(part, "weight", Shuffled())
            elif part.stride != (1, 1):
                parametrize.register_parametrization(part, "weight", Strided())
    return network


def _boxed(kernels: Tensor) -> Tensor:
    """(N, 1, k, k) to (N, 1, k + 1, k + 1)."""
    return F.conv2d(kernels, kernels.new_full((1, 1, 2, 2), 0.25), padding=1)


@torch.no_grad()
def _nearest(of: nn.Module, weight: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What ``of``, which is linear and the same for each pair of channels, makes most like
    ``weight``."""
    outputs, inputs, side, _ = shape
    # In double precision, so that it comes to the same whatever the order of sums.
    taps = torch.eye(side**2, dtype=torch.float64).view(side**2, 1, side, side)
    matrix = torch.stack([of(tap[None]).flatten() for tap in taps], 1)
    by_pair = (
        weight.double()
        .reshape(outputs, -1, inputs, weight[0, 0].numel())
        .transpose(1, 2)
        .flatten(2)
    )
    found: Tensor = torch.linalg.lstsq(matrix, by_pair.flatten(0, 1).mT).solution
    return found.mT.reshape(shape).to(weight.dtype)
