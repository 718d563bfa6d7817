import pytest
import torch

from style_pipeline.training.perceptual import (
    LAYERS,
    VGG,
    Combined,
)
from style_pipeline_tests.training.vggs import VGG16, random_vgg


def test_only_the_layers_asked_for_are_returned_at_their_scale() -> None:
    network = VGG(random_vgg((4, 6, 8)), layers=["relu1_1", "relu3_1"])
    features = network.features(torch.rand(2, 3, 32, 48))
    assert {name: tuple(f.shape) for name, f in features.items()} == {
        "relu1_1": (2, 4, 32, 48),
        "relu3_1": (2, 8, 8, 12),
    }


def test_heads_widen_compressed_features() -> None:
    tensors = random_vgg((4, 6))
    tensors["conv2_1_to_vgg19.weight"] = torch.rand(16, 6, 1, 1)
    tensors["conv2_1_to_vgg19.bias"] = torch.zeros(16)
    network = VGG(tensors, layers=["relu2_1"])
    assert network.features(torch.rand(1, 3, 32, 32))["relu2_1"].shape == (1, 16, 16, 16)


def test_several_networks_are_seen_through_as_one() -> None:
    shallow = VGG(random_vgg((4, 4, 4)), layers=LAYERS[:3], name="shallow")
    deep = VGG(random_vgg((2, 2, 2, 2, 2)), layers=LAYERS[3:], name="deep")
    both = Combined([shallow, deep])
    features = both.features(torch.rand(1, 3, 64, 64))
    assert [features[layer].shape[1] for layer in LAYERS] == [4, 4, 4, 2, 2]
    assert both.name == "shallow + deep"


def test_a_network_takes_no_memory_for_layers_behind_the_last_one_asked_for() -> None:
    network = VGG(random_vgg((4, 4, 4)), layers=["relu2_1"])
    assert {name.split("-")[0] for name, _ in network.named_buffers()} == {
        *("conv0", "conv1_1", "conv1_2", "conv2_1")
    }


@pytest.mark.parametrize("depths", [(2, 2, 4, 4, 4), VGG16])
def test_the_depth_of_the_blocks_is_that_of_the_weights(depths: tuple[int, ...]) -> None:
    tensors = random_vgg((3, 3, 3, 3, 3), depths=depths)
    last = VGG(tensors, layers=["relu5_1"])
    convolutions = {name for name, _ in last.named_buffers() if name.endswith("weight")}
    assert len(convolutions) == 1 + sum(depths[:4]) + 1
    assert last.features(torch.rand(1, 3, 32, 32))["relu5_1"].shape == (1, 3, 2, 2)


def test_the_perceptual_network_is_never_trained() -> None:
    network = VGG(random_vgg((4,)), layers=["relu1_1"])
    assert not list(network.parameters())
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    network.features(picture)["relu1_1"].sum().backward()  # type: ignore[no-untyped-call]
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
