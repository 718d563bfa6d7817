import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from style_pipeline.stylization.backends.network import (
    ARCHITECTURES,
    PaintingNetwork,
    SlimNet,
    TransformerNet,
    UpsampleConv,
)


@pytest.fixture(params=ARCHITECTURES)
def network(request: pytest.FixtureRequest) -> PaintingNetwork:
    torch.manual_seed(0)
    return ARCHITECTURES[request.param](channels=(4, 8, 8), residual_blocks=1).eval()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 104), (24, 16)])
@torch.inference_mode()
def test_a_painting_has_the_size_of_its_photograph_and_stays_within_range(
    network: PaintingNetwork, height: int, width: int
) -> None:
    painting = network(torch.rand(2, 3, height, width))
    assert painting.shape == (2, 3, height, width)
    assert 0 <= painting.min() < painting.max() <= 1


def test_a_size_that_is_no_multiple_of_the_stride_is_refused(network: PaintingNetwork) -> None:
    for side in range(64 + 1, 64 + network.stride):
        with pytest.raises(
            ValueError, match=rf"{side}x64 pixels: .* multiples of {network.stride}"
        ):
            network(torch.rand(1, 3, 64, side))


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 4, 64, 64), (1, 1, 64, 64)])
def test_what_is_no_batch_of_rgb_is_refused(
    network: PaintingNetwork, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="expected \\(N, 3, H, W\\)"):
        network(torch.rand(shape))


def test_the_reference_network_has_the_size_of_the_literature() -> None:
    parameters = sum(p.numel() for p in TransformerNet().parameters())
    # Convolutions, scale and shift of every normalization, biases of the last layer.
    assert parameters == 1_674_432 + 2 * (32 + 64 + 128 + 10 * 128 + 64 + 32) + 3


@torch.inference_mode()
def test_a_picture_is_painted_alike_alone_and_in_a_batch(network: PaintingNetwork) -> None:
    pictures = torch.rand(3, 3, 32, 40)
    alone = torch.cat([network(picture[None]) for picture in pictures])
    torch.testing.assert_close(network(pictures), alone)


@torch.inference_mode()
def test_every_corner_of_the_photograph_reaches_the_painting(network: PaintingNetwork) -> None:
    picture = torch.rand(1, 3, 32, 32)
    before = network(picture)
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        changed = picture.clone()
        changed[0, :, row, column] = 1 - changed[0, :, row, column]
        assert (network(changed) - before)[0, :, row, column].abs().max() > 1e-4


def multiply_adds(network: PaintingNetwork) -> float:
    """Of one pixel."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.rand(1, 3, 64, 64))
    return float(counter.get_total_flops()) / 2 / 64**2


def test_the_slim_network_needs_an_eighth_of_the_multiply_adds() -> None:
    assert multiply_adds(TransformerNet()) > 8 * multiply_adds(SlimNet())


@torch.inference_mode()
def test_upsampling_and_convolving_are_one_convolution_of_the_small_picture() -> None:
    torch.manual_seed(0)
    layer, small = UpsampleConv(3, 5, bias=True), torch.rand(2, 3, 6, 7)
    assert layer.bias is not None
    layer.bias.uniform_()
    large = F.interpolate(F.pad(small, (1, 1, 1, 1), mode="reflect"), scale_factor=2.0)
    expected = F.conv2d(large, layer.weight, layer.bias)
    torch.testing.assert_close(layer(small), expected)


@torch.inference_mode()
def test_upsampling_leaves_no_checkerboard_on_an_even_picture() -> None:
    torch.manual_seed(0)
    up = UpsampleConv(3, 5)(torch.rand(1, 3, 1, 1).expand(-1, -1, 6, 6))
    torch.testing.assert_close(up, up[..., :1, :1].expand_as(up))
