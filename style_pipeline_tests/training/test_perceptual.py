import pytest
import torch

from style_pipeline.training.perceptual import (
    LAYERS,
    VGG,
    Combined,
    content_loss,
    gram_matrix,
    mean_energy,
    style_loss,
    total_variation,
)
from style_pipeline_tests.training.vggs import VGG16, random_vgg


def test_a_gram_matrix_is_the_mean_product_of_every_pair_of_channels() -> None:
    features = torch.tensor([[[[1.0, 2.0]], [[3.0, -1.0]]]])
    expected = torch.tensor([[[2.5, 0.5], [0.5, 5.0]]])
    torch.testing.assert_close(gram_matrix(features), expected)


def test_a_gram_matrix_does_not_care_where_things_are_or_how_large_the_picture_is() -> None:
    features = torch.rand(1, 5, 8, 6)
    shuffled = features.flatten(2)[..., torch.randperm(48)].reshape(1, 5, 6, 8)
    torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(features))
    torch.testing.assert_close(gram_matrix(features.repeat(1, 1, 3, 2)), gram_matrix(features))


def test_a_picture_loses_nothing_against_itself() -> None:
    features = torch.rand(2, 5, 8, 8)
    assert content_loss(features, features, energy=torch.tensor(1.0)) == 0
    same = torch.rand(1, 5, 8, 8).expand(2, -1, -1, -1)
    assert style_loss(same, gram_matrix(same[:1])).abs() < 1e-6
    assert total_variation(torch.full((1, 3, 8, 8), 0.4)) == 0


def test_losses_are_relative_to_the_target() -> None:
    target = torch.rand(2, 5, 8, 8)
    # Features of zero miss exactly all of the target.
    missed = content_loss(0 * target, target, energy=mean_energy(target))
    torch.testing.assert_close(missed, torch.tensor(1.0))
    missed = style_loss(0 * target, gram_matrix(target[:1]))
    torch.testing.assert_close(missed, torch.tensor(1.0), rtol=1e-3, atol=0)


def test_the_style_loss_has_a_finite_slope_at_its_goal() -> None:
    features = torch.rand(1, 5, 8, 8)
    goal = gram_matrix(features)
    features.requires_grad_()
    style_loss(features, goal).backward()  # type: ignore[no-untyped-call]
    assert features.grad is not None
    assert features.grad.isfinite().all()


def test_total_variation_adds_both_directions() -> None:
    stripes = torch.tensor([0.0, 1.0]).repeat(4).expand(1, 3, 8, 8)
    assert total_variation(stripes) == 1
    assert total_variation(stripes.mT) == 1


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
