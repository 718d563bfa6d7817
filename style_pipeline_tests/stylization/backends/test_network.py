import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.architecture import KINDS, Architecture
from style_pipeline.stylization.backends.network import Network, as_module, as_network
from style_pipeline.stylization.backends.tiling import statistics_of
from style_pipeline.stylization.layers import EPSILON, Convolution, Normalization, PixelShuffle
from style_pipeline_tests.stylization.stylizing import random_style, untrained


@pytest.fixture(params=KINDS)
def network(request: pytest.FixtureRequest) -> Network:
    return as_network(untrained(request.param))


def styles(network: Network, count: int = 1) -> Tensor:
    each = [random_style(network.architecture, seed=seed) for seed in range(count)]
    return torch.stack([torch.from_numpy(style) for style in each])


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_module_has_the_weights_that_are_described(kind: str, blocks: int) -> None:
    architecture = Architecture(kind, (4, 8, 12), blocks)
    network = Network(architecture)
    for found in (network.weights(), network.layers.state_dict()):
        shapes = {name: tuple(weight.shape) for name, weight in found.items()}
        assert shapes == architecture.layers.shapes


@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 104), (24, 16)])
@torch.inference_mode()
def test_what_is_stylized_keeps_its_size_and_stays_within_range(
    network: Network, height: int, width: int
) -> None:
    made = network(torch.rand(2, 3, height, width), styles(network))
    assert made.shape == (2, 3, height, width)
    assert 0 <= made.min() < made.max() <= 1


def test_a_size_that_is_no_multiple_of_the_stride_is_refused(network: Network) -> None:
    stride = network.architecture.stride
    for side in range(64 + 1, 64 + stride):
        with pytest.raises(ValueError, match=rf"{side}x64 pixels: .* multiples of {stride}"):
            network(torch.rand(1, 3, 64, side), styles(network))


@pytest.mark.parametrize("shape", [(3, 64, 64), (1, 4, 64, 64), (1, 1, 64, 64)])
def test_what_is_no_batch_of_rgb_is_refused(network: Network, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected \\(N, 3, H, W\\)"):
        network(torch.rand(shape), styles(network))


@torch.inference_mode()
def test_a_picture_is_stylized_alike_alone_and_in_a_batch_of_styles(network: Network) -> None:
    pictures, chosen = torch.rand(3, 3, 32, 40), styles(network, 3)
    alone = [network(pictures[n, None], chosen[n, None]) for n in range(3)]
    assert (alone[0] - network(pictures[:1], chosen[1:2])).abs().mean() > 0.01
    torch.testing.assert_close(network(pictures, chosen), torch.cat(alone), atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_every_corner_of_the_source_reaches_the_result(network: Network) -> None:
    picture, style = torch.rand(1, 3, 32, 32), styles(network)
    before = network(picture, style)
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        changed = picture.clone()
        changed[0, :, row, column] = 1 - changed[0, :, row, column]
        assert (network(changed, style) - before)[0, :, row, column].abs().max() > 1e-4


def test_it_is_ready_to_stylize_and_not_to_train() -> None:
    network = as_network(untrained())
    assert not network.training
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in network.parameters())


CHANNELS = 8
SCALES, SHIFTS = torch.linspace(0.5, 2, CHANNELS), torch.linspace(-1, 1, CHANNELS)


def padded_convolution(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(F.pad(x, (1, 2, 1, 2), mode="reflect"), weight, stride=2)


@pytest.mark.parametrize("number", [1, 2], ids=["a picture", "a batch"])
@torch.inference_mode()
def test_layers_give_what_those_of_pytorch_give(number: int) -> None:
    pictures = torch.rand(number, CHANNELS, 12, 20).to(memory_format=torch.channels_last)
    style = torch.cat([SCALES, SHIFTS])[None]
    norm = as_module(Normalization(CHANNELS, relu=True, first=0))
    expected = F.instance_norm(pictures, weight=SCALES, bias=SHIFTS, eps=EPSILON).relu()
    torch.testing.assert_close(norm(pictures, style), expected)

    shuffle = as_module(PixelShuffle())
    assert torch.equal(shuffle(pictures, style), F.pixel_shuffle(pictures, 2))

    conv = as_module(Convolution(inputs=CHANNELS, outputs=4, kernel=4, stride=2))
    weight = conv.get_parameter("weight")
    torch.testing.assert_close(conv(pictures, style), padded_convolution(pictures, weight))


@torch.inference_mode()
def test_no_layer_of_a_network_turns_a_picture_around(network: Network) -> None:
    network.to(memory_format=torch.channels_last)
    turned: list[str] = []

    def watch(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if not output.is_contiguous(memory_format=torch.channels_last):
            turned.append(type(layer).__name__)

    for layer in network.modules():
        layer.register_forward_hook(watch)
    picture = torch.rand(1, 3, 48, 64).to(memory_format=torch.channels_last)
    network(picture, styles(network))
    with statistics_of(network, picture, styles(network)):
        network(picture, styles(network))
    assert turned == []
