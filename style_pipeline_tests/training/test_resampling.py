import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.training.resampling import Shuffled, Strided, without_aliasing
from style_pipeline_tests.stylization.stylizing import untrained

BODY = Architecture("body", (4, 8, 8), 1)
CONSTRAINED = {"down.0.conv", "down.1.conv", "up.0.conv", "up.1.conv"}


def shuffled(small: Tensor, kernels: Tensor) -> Tensor:
    """What a layer with kernels (4 O, I, 3, 3) makes of pictures before it is cut at borders."""
    return F.pixel_shuffle(F.conv2d(small, kernels), 2)


def stripes(side: int) -> Tensor:
    """Lines of one pixel across, down, and both: what no picture of half the size can hold."""
    line = torch.tensor([1.0, -1.0]).repeat(side // 2)
    across, down = line.expand(side, side), line[:, None].expand(side, side)
    return torch.stack([across, down, across * down])[:, None]


@pytest.mark.parametrize(
    ("constraint", "free"),
    [(Strided(), (6, 3, 3, 3)), (Strided(), (6, 3, 4, 4)), (Shuffled(), (5, 3, 5, 5))],
    ids=["4x4", "5x5", "shuffled"],
)
def test_what_a_constraint_made_is_taken_back_by_its_right_inverse(
    constraint: Strided | Shuffled, free: tuple[int, ...]
) -> None:
    kernels = torch.randn(free)
    torch.testing.assert_close(
        constraint.right_inverse(constraint(kernels)), kernels, atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize(
    ("constraint", "weight"), [(Strided(), (6, 3, 5, 5)), (Shuffled(), (20, 3, 3, 3))]
)
def test_of_other_kernels_the_nearest_are_found(
    constraint: Strided | Shuffled, weight: tuple[int, ...]
) -> None:
    wanted = torch.randn(weight)
    free = constraint.right_inverse(wanted)
    left = (constraint(free) - wanted).square().sum()
    assert left < wanted.square().sum()
    for _ in range(5):
        other = constraint(free + 0.01 * torch.randn(free.shape))
        assert (other - wanted).square().sum() > left


@pytest.mark.parametrize("side", [3, 4], ids=["4x4", "5x5"])
def test_nothing_passes_a_stride_that_the_small_picture_cannot_hold(side: int) -> None:
    kernels = Strided()(torch.randn(6, 1, side, side))
    assert F.conv2d(stripes(16), kernels, stride=2).abs().max() < 1e-5
    assert F.conv2d(torch.ones(1, 1, 16, 16), kernels, stride=2).abs().max() > 0.01


def test_a_shuffle_leaves_no_checkerboard_on_an_even_picture() -> None:
    even = torch.rand(1, 3, 1, 1).expand(-1, -1, 6, 6)
    made = shuffled(even, Shuffled()(torch.randn(5, 3, 5, 5)))
    torch.testing.assert_close(made, made[..., :1, :1].expand_as(made), atol=1e-4, rtol=1e-4)
    free = shuffled(even, torch.randn(20, 3, 3, 3))
    assert (free - free[..., :1, :1]).abs().max() > 0.1


def test_a_shuffle_is_a_convolution_of_the_picture_with_zeros_between_its_pixels() -> None:
    small, kernels = torch.randn(1, 3, 5, 6), torch.randn(4, 3, 5, 5)
    boxed = F.conv2d(kernels.flatten(0, 1)[:, None], torch.full((1, 1, 2, 2), 0.25), padding=1)
    transposed = boxed.view(4, 3, 6, 6).transpose(0, 1)
    expected = F.conv_transpose2d(small, transposed, stride=2)
    made = shuffled(small, Shuffled()(kernels))
    torch.testing.assert_close(made, expected[..., 4:-4, 4:-4], atol=1e-4, rtol=1e-4)


def test_a_body_is_constrained_where_its_resolution_changes() -> None:
    network = without_aliasing(Network(BODY))
    found = {
        name.removeprefix("layers.")
        for name, module in network.named_modules()
        if nn.utils.parametrize.is_parametrized(module)
    }
    assert found == CONSTRAINED
    shapes = {name: tuple(weight.shape) for name, weight in network.weights().items()}
    assert shapes == BODY.layers.shapes, "what is stored has no constraint"


@torch.inference_mode()
def test_weights_that_were_constrained_are_taken_as_they_are() -> None:
    trained = without_aliasing(Network(BODY))
    again = Network(BODY)
    again.layers.load_state_dict(trained.weights())
    picture, style = torch.rand(2, 3, 32, 32), torch.from_numpy(untrained().style)[None]
    expected = trained(picture, style)
    torch.testing.assert_close(again(picture, style), expected, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(
        without_aliasing(again)(picture, style), expected, atol=1e-4, rtol=1e-4
    )


@torch.inference_mode()
def test_an_even_picture_stays_even_in_a_constrained_body() -> None:
    body = untrained()
    free, style = as_network(body), torch.from_numpy(body.style)[None]
    constrained = without_aliasing(as_network(body))
    # Half in one color and half in another: far from the border both are even.
    picture = torch.rand(1, 3, 1, 1).repeat(1, 1, 64, 256)
    picture[..., 128:] = torch.rand(3, 1, 1)
    inside = constrained(picture, style)[..., 24:40, 48:80]
    torch.testing.assert_close(inside, inside[..., :1, :1].expand_as(inside), atol=1e-4, rtol=0)
    dotted = free(picture, style)[..., 24:40, 48:80]
    assert (dotted - dotted[..., :1, :1]).abs().max() > 0.01
