import pytest
import torch
from torch import Tensor, nn

from style_pipeline.stylization.channels_last import InstanceNorm, PixelShuffle, ReflectionPad
from style_pipeline.stylization.color import Color
from style_pipeline.stylization.backends.network import ARCHITECTURES, fold_upsampling
from style_pipeline.stylization.backends.tiling import statistics_of
from style_pipeline.stylization.backends.pytorch import Painter
from style_pipeline_tests.stylization.painting import pictures, untrained


def layers() -> list[tuple[nn.Module, nn.Module]]:
    """Each of ours, and PyTorch's."""
    norms = InstanceNorm(8, affine=True), nn.InstanceNorm2d(8, affine=True)
    for norm in norms:
        norm.weight.data = torch.linspace(0.5, 2, 8)
        norm.bias.data = torch.linspace(-1, 1, 8)
    return [norms, (ReflectionPad(3), nn.ReflectionPad2d(3)), (PixelShuffle(2), nn.PixelShuffle(2))]


@pytest.mark.parametrize("number", [1, 2], ids=["a picture", "a batch"])
@pytest.mark.parametrize(("ours", "theirs"), layers(), ids=lambda layer: type(layer).__name__)
def test_layers_give_what_those_of_pytorch_give(
    ours: nn.Module, theirs: nn.Module, number: int
) -> None:
    pictures = torch.rand(number, 8, 12, 20).to(memory_format=torch.channels_last)
    torch.testing.assert_close(ours(pictures), theirs(pictures))


@torch.inference_mode()
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_layer_of_a_network_that_paints_turns_a_picture_around(name: str) -> None:
    network = untrained(name, seed=0).eval()
    fold_upsampling(network)
    network.to(memory_format=torch.channels_last)
    turned: list[str] = []

    def watch(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if not output.is_contiguous(memory_format=torch.channels_last):
            turned.append(type(layer).__name__)

    for layer in network.modules():
        layer.register_forward_hook(watch)
    picture = torch.rand(1, 3, 48, 64).to(memory_format=torch.channels_last)
    network(picture)
    with statistics_of(network, picture):
        network(picture)
    assert turned == []


@pytest.mark.parametrize("size", [(64, 48), (62, 47)], ids=str)
def test_a_painter_hands_pictures_on_that_need_not_be_turned(size: tuple[int, int]) -> None:
    network = untrained("slim", seed=0)
    given: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, inputs: given.extend(inputs))
    painter = Painter(network, "cpu", max_pixels=None)
    (planes,) = pictures(*size, count=1)
    painter.paint(torch.from_numpy(planes)[None], Color(matrix="bt709", full_range=False))
    assert given[-1].is_contiguous(memory_format=torch.channels_last)
