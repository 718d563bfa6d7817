import pytest
import torch

from style_pipeline.stylization.network import STRIDE, TransformerNet


def small_network() -> TransformerNet:
    torch.manual_seed(0)
    return TransformerNet(channels=(4, 8, 8), residual_blocks=1).eval()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 100), (20, 16)])
@torch.inference_mode()
def test_a_painting_has_the_size_of_its_photograph_and_stays_within_range(
    height: int, width: int
) -> None:
    painting = small_network()(torch.rand(2, 3, height, width))
    assert painting.shape == (2, 3, height, width)
    assert 0 <= painting.min() < painting.max() <= 1


@pytest.mark.parametrize("side", range(64 + 1, 64 + STRIDE))
def test_a_size_that_is_no_multiple_of_the_stride_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match=rf"{side}x64 pixels: .* multiples of {STRIDE}"):
        small_network()(torch.rand(1, 3, 64, side))


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 4, 64, 64), (1, 1, 64, 64)])
def test_what_is_no_batch_of_rgb_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected \\(N, 3, H, W\\)"):
        small_network()(torch.rand(shape))


def test_the_reference_network_has_the_size_of_the_literature() -> None:
    parameters = sum(p.numel() for p in TransformerNet().parameters())
    # Convolutions, scale and shift of every normalization, biases of the last layer.
    assert parameters == 1_674_432 + 2 * (32 + 64 + 128 + 10 * 128 + 64 + 32) + 3


@torch.inference_mode()
def test_a_picture_is_painted_alike_alone_and_in_a_batch() -> None:
    network, pictures = small_network(), torch.rand(3, 3, 32, 40)
    alone = torch.cat([network(picture[None]) for picture in pictures])
    torch.testing.assert_close(network(pictures), alone)


@torch.inference_mode()
def test_every_corner_of_the_photograph_reaches_the_painting() -> None:
    network, picture = small_network(), torch.rand(1, 3, 32, 32)
    before = network(picture)
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        changed = picture.clone()
        changed[0, :, row, column] = 1 - changed[0, :, row, column]
        assert (network(changed) - before)[0, :, row, column].abs().max() > 1e-4
