"""Muon: momentum whose matrix is made orthogonal (Jordan et al. 2024, "Muon: An optimizer for
hidden layers in neural networks"). PyTorch's own takes matrices only, no convolutions."""

from collections.abc import Iterable
from typing import Any, Final

import torch
from torch import Tensor

MOMENTUM: Final = 0.95
NEWTON_SCHULZ: Final = (3.4445, -4.7750, 2.0315)
"""Coefficients of the polynomial that, five times over, brings singular values near 1."""


class Muon(torch.optim.Optimizer):
    """For the weights of convolutions (outputs, inputs, height, width), as matrices of a row for
    each output."""

    def __init__(self, weights: Iterable[Tensor], lr: float) -> None:
        super().__init__(weights, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                state = self.state[weight]
                momentum = state.setdefault("momentum", torch.zeros_like(weight))
                momentum.mul_(MOMENTUM).add_(weight.grad)
                update = orthogonal((weight.grad + MOMENTUM * momentum).flatten(1))
                # As large as Adam's updates would be (Liu et al. 2025, "Muon is scalable").
                size = 0.2 * max(update.shape) ** 0.5
                weight.add_(update.view_as(weight), alpha=-group["lr"] * size)


def orthogonal(matrix: Tensor) -> Tensor:
    """Nearly the nearest matrix whose rows, or columns, are orthonormal."""
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.mT if tall else matrix
    x = x / (torch.linalg.matrix_norm(x) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x
