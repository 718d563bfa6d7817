import pytest
import torch
from torch import nn

from style_pipeline.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(16, 16), (8, 72), (48, 12)], ids=str)
def test_singular_values_come_near_one_and_directions_stay(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    found = orthogonal(matrix)
    assert found.shape == shape
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.6
    assert values.max() < 1.3
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    # The same singular vectors: what is left of them is nearly diagonal.
    turned = u.mT @ found @ v.mT
    assert (turned - turned.diagonal().diag()).abs().max() < 1e-3


def test_the_size_of_a_matrix_does_not_matter() -> None:
    matrix = torch.randn(8, 20)
    torch.testing.assert_close(orthogonal(1000 * matrix), orthogonal(matrix), atol=1e-4, rtol=1e-3)


def test_nothing_is_made_of_no_gradient() -> None:
    assert torch.equal(orthogonal(torch.zeros(4, 9)), torch.zeros(4, 9))


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_a_step_is_as_large_whatever_the_gradient(scale: float) -> None:
    torch.manual_seed(0)
    weight = nn.Parameter(torch.zeros(8, 4, 3, 3))
    optimizer = Muon([weight], lr=0.01)
    weight.grad = scale * torch.randn(weight.shape)
    optimizer.step()
    # As Adam's: 0.2 of the rate for each number, on the whole.
    assert 0.5 < weight.square().mean().sqrt() / (0.2 * 0.01) < 1.5
    assert (weight * weight.grad).sum() < 0, "downhill"


def test_it_finds_the_kernels_that_a_convolution_has() -> None:
    torch.manual_seed(0)
    wanted, found = nn.Conv2d(3, 6, 3, bias=False), nn.Conv2d(3, 6, 3, bias=False)
    optimizer = Muon(found.parameters(), lr=0.05)
    pictures = torch.randn(4, 3, 12, 12)
    losses = []
    for step in range(60):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 60)
        loss = (found(pictures) - wanted(pictures).detach()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.1 * losses[0]
