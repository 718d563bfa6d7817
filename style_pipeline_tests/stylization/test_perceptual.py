import math
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from torchvision.models.vgg import make_layers
from torchvision.transforms import v2

from style_pipeline.stylization.perceptual import (
    BLOCKS,
    DISTILLED_FILE,
    LAYERS,
    VGG19,
    HybridVGG19,
    content_loss,
    from_torchvision,
    gram_matrix,
    load_hybrid,
    mean_energy,
    style_loss,
    total_variation,
)

WEIGHTS = Path(__file__).parents[2] / "../shared/weights"
needs_weights = [
    pytest.mark.shared,
    pytest.mark.skipif(not WEIGHTS.is_dir(), reason="../shared is not here"),
]


def random_vgg(widths: tuple[int, ...]) -> dict[str, Tensor]:
    """Tensors of a VGG-19 with ``widths`` channels a block and random weights."""
    generator = torch.Generator().manual_seed(0)
    tensors = {"conv0.weight": torch.eye(3)[:, :, None, None], "conv0.bias": torch.zeros(3)}
    inputs = 3
    for block, (width, depth) in enumerate(zip(widths, BLOCKS, strict=False), start=1):
        for index in range(1, depth + 1):
            scale = math.sqrt(2 / (9 * inputs))
            weight = torch.randn(width, inputs, 3, 3, generator=generator) * scale
            tensors[f"conv{block}_{index}.weight"] = weight
            tensors[f"conv{block}_{index}.bias"] = torch.zeros(width)
            inputs = width
    return tensors


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
    network = VGG19(random_vgg((4, 6, 8)), layers=["relu1_1", "relu3_1"])
    features = network.features(torch.rand(2, 3, 32, 48))
    assert {name: tuple(f.shape) for name, f in features.items()} == {
        "relu1_1": (2, 4, 32, 48),
        "relu3_1": (2, 8, 8, 12),
    }


def test_heads_widen_compressed_features() -> None:
    tensors = random_vgg((4, 6))
    tensors["conv2_1_to_vgg19.weight"] = torch.rand(16, 6, 1, 1)
    tensors["conv2_1_to_vgg19.bias"] = torch.zeros(16)
    network = VGG19(tensors, layers=["relu2_1"])
    assert network.features(torch.rand(1, 3, 32, 32))["relu2_1"].shape == (1, 16, 16, 16)


def test_the_hybrid_takes_shallow_layers_from_one_network_and_deep_ones_from_the_other() -> None:
    shallow = VGG19(random_vgg((4, 4, 4)), layers=LAYERS[:3])
    deep = VGG19(random_vgg((2, 2, 2, 2, 2)), layers=LAYERS[3:])
    features = HybridVGG19(shallow, deep).features(torch.rand(1, 3, 64, 64))
    assert [features[layer].shape[1] for layer in LAYERS] == [4, 4, 4, 2, 2]


def test_the_perceptual_network_is_never_trained() -> None:
    network = VGG19(random_vgg((4,)), layers=["relu1_1"])
    assert not list(network.parameters())
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    network.features(picture)["relu1_1"].sum().backward()  # type: ignore[no-untyped-call]
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0


def test_torchvision_weights_give_the_features_that_torchvision_computes() -> None:
    widths = (4, 4, 6, 6, 8)
    plan: list[str | int] = []
    for width, depth in zip(widths, BLOCKS, strict=True):
        plan += [width] * depth + ["M"]
    torch.manual_seed(0)
    layers = make_layers(plan)
    picture = torch.rand(1, 3, 64, 64)
    mean, std = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    expected = (picture - mean[:, None, None]) / std[:, None, None]
    seen = from_torchvision(layers).features(picture)
    with torch.inference_mode():
        for index, layer in enumerate(layers):
            expected = layer(expected)
            # Where relu1_1 to relu5_1 stand in torchvision's VGG-19.
            if index in (1, 6, 11, 20, 29):
                name = LAYERS[(1, 6, 11, 20, 29).index(index)]
                torch.testing.assert_close(seen[name], expected)


def test_missing_weights_are_called_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_hybrid(tmp_path)


class TestRealWeights:
    pytestmark = needs_weights

    def test_features_have_the_widths_of_vgg19(self) -> None:
        features = load_hybrid(WEIGHTS).features(torch.rand(1, 3, 64, 64))
        assert [features[layer].shape[1] for layer in LAYERS] == [64, 128, 256, 512, 512]

    def test_the_distilled_network_agrees_with_the_real_one_where_both_see(self) -> None:
        distilled = VGG19(load_file(WEIGHTS / DISTILLED_FILE), layers=LAYERS[:3])
        with Image.open(WEIGHTS / "../media/photographs/kodak_05.jpg") as photograph:
            picture = v2.functional.to_dtype(
                v2.functional.pil_to_tensor(photograph.crop((0, 0, 192, 192)))[None], scale=True
            )
        expected = load_hybrid(WEIGHTS).features(picture)
        for layer, features in distilled.features(picture).items():
            energy = mean_energy(expected[layer])
            assert content_loss(features, expected[layer], energy=energy) < 0.4, layer
