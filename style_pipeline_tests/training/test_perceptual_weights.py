from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torchvision.models import VGG16_Weights, VGG19_Weights
from torchvision.models.vgg import make_layers

from style_pipeline.training import perceptual_weights
from style_pipeline.training.losses import content_loss, mean_energy
from style_pipeline.training.painting import to_tensor
from style_pipeline.training.perceptual import LAYERS, VGG
from style_pipeline.training.perceptual_weights import (
    BadWeights,
    NoDownload,
    load_perceptual,
    read_networks,
)
from style_pipeline_tests.training.vggs import VGG16, VGG19, random_vgg, save_vgg

WIDTHS = (4, 4, 6, 6, 8)
PICTURE = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
# Where relu1_1 to relu5_1 stand among torchvision's layers.
RELUS = {VGG19: (1, 6, 11, 20, 29), VGG16: (1, 6, 11, 18, 25)}


def torchvision_layers(depths: tuple[int, ...], *, batch_norm: bool = False) -> nn.Sequential:
    plan: list[str | int] = []
    for width, depth in zip(WIDTHS, depths, strict=True):
        plan += [width] * depth + ["M"]
    torch.manual_seed(0)
    layers: nn.Sequential = make_layers(plan, batch_norm=batch_norm)
    return layers


def state_dict(layers: nn.Sequential) -> dict[str, Tensor]:
    state = {f"features.{name}": tensor for name, tensor in layers.state_dict().items()}
    return {**state, "classifier.0.weight": torch.zeros(2, 2)}


def features_by_torchvision(layers: nn.Sequential, depths: tuple[int, ...]) -> dict[str, Tensor]:
    mean, std = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    x = (PICTURE - mean[:, None, None]) / std[:, None, None]
    found = {}
    with torch.inference_mode():
        for number, layer in enumerate(layers):
            x = layer(x)
            if number in RELUS[depths]:
                found[LAYERS[RELUS[depths].index(number)]] = x.clone()
    return found


@pytest.mark.parametrize("depths", [VGG19, VGG16])
@pytest.mark.parametrize("kind", ["pth", "old.pth", "safetensors"])
def test_a_file_of_torchvision_gives_what_torchvision_computes(
    tmp_path: Path, kind: str, depths: tuple[int, ...]
) -> None:
    layers, path = torchvision_layers(depths), tmp_path / f"vgg.{kind}"
    if kind == "safetensors":
        save_file(state_dict(layers), path)
    else:
        # torchvision's own files are of the format before zip.
        torch.save(state_dict(layers), path, _use_new_zipfile_serialization=kind == "pth")
    seen = load_perceptual(path).features(PICTURE)
    expected = features_by_torchvision(layers, depths)
    assert list(seen) == list(expected) == list(LAYERS)
    for layer, features in expected.items():
        torch.testing.assert_close(seen[layer], features)


@pytest.mark.parametrize(
    ("source", "name", "weights", "depths"),
    [
        ("torchvision", "vgg19", VGG19_Weights.DEFAULT, VGG19),
        ("vgg19", "vgg19", VGG19_Weights.DEFAULT, VGG19),
        ("vgg16", "vgg16", VGG16_Weights.DEFAULT, VGG16),
    ],
)
def test_a_name_is_downloaded_by_torchvision(
    monkeypatch: pytest.MonkeyPatch, source: str, name: str, weights: Any, depths: tuple[int, ...]
) -> None:
    layers = torchvision_layers(depths)

    def downloaded(*, weights: Any) -> SimpleNamespace:
        asked.append(weights)
        return SimpleNamespace(state_dict=lambda: state_dict(layers))

    asked: list[Any] = []
    monkeypatch.setitem(perceptual_weights.TORCHVISION, name, (downloaded, weights))
    network = load_perceptual(source)
    assert asked == [weights]
    assert network.name == f"torchvision {name}"
    seen = network.features(PICTURE)
    for layer, features in features_by_torchvision(layers, depths).items():
        torch.testing.assert_close(seen[layer], features)


def test_a_download_that_fails_is_no_fault_of_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*, weights: Any) -> SimpleNamespace:
        raise OSError("no route to host")

    monkeypatch.setitem(perceptual_weights.TORCHVISION, "vgg19", (offline, None))
    with pytest.raises(NoDownload, match=r"of vgg19 \(no route to host\): name a file that holds"):
        load_perceptual()


def compressed() -> dict[str, Tensor]:
    """Two channels a block, and heads that predict eight."""
    tensors = random_vgg((2, 2, 2, 2, 2))
    for layer in LAYERS:
        conv = layer.replace("relu", "conv")
        tensors[f"{conv}_to_vgg19.weight"] = torch.rand(8, 2, 1, 1)
        tensors[f"{conv}_to_vgg19.bias"] = torch.zeros(8)
    return tensors


def test_layers_come_from_the_file_that_really_has_them_else_from_a_head(tmp_path: Path) -> None:
    save_file(compressed(), tmp_path / "a.safetensors")
    save_vgg(tmp_path / "b.safetensors", (4, 4, 4))
    save_vgg(tmp_path / "c.safetensors", (5, 5))
    (tmp_path / "readme.txt").write_text("no weights")
    network = load_perceptual(str(tmp_path))
    features = network.features(PICTURE)
    assert [features[layer].shape[1] for layer in LAYERS] == [4, 4, 4, 8, 8]
    assert network.name == "b (relu1_1-relu3_1) + a (relu4_1-relu5_1)"


def test_a_file_of_another_network_is_left_out_where_others_have_all(tmp_path: Path) -> None:
    other = tmp_path / "a.safetensors"
    save_file({"conv1.weight": torch.zeros(96, 3, 7, 7)}, other)
    whole = save_vgg(tmp_path / "b.safetensors")
    assert read_networks([other, whole]).name == "b (relu1_1-relu5_1)"
    with pytest.raises(BadWeights) as raised:
        read_networks([other])
    assert str(raised.value) == (
        "no file has relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 of VGG-16 or VGG-19 "
        "(a.safetensors is no torchvision state dict of VGG-16 or VGG-19)"
    )


def test_layers_that_no_file_has_are_named(tmp_path: Path) -> None:
    shallow = save_vgg(tmp_path / "shallow.safetensors", (4, 4, 4))
    with pytest.raises(BadWeights, match=r"^no file has relu4_1, relu5_1 of VGG-16 or VGG-19$"):
        load_perceptual(shallow)
    with pytest.raises(BadWeights, match="no file has relu1_1"):
        read_networks([])


def without(*names: str) -> Callable[[dict[str, Tensor]], Mapping[str, Tensor]]:
    return lambda state: {key: tensor for key, tensor in state.items() if key not in names}


def with_(name: str, tensor: Tensor) -> Callable[[dict[str, Tensor]], Mapping[str, Tensor]]:
    return lambda state: {**state, name: tensor}


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (without("conv2_1.weight"), "has not the layers of VGG"),
        (without("conv2_1.bias"), "lacks conv2_1.bias"),
        (with_("conv2_2.weight", torch.zeros(4, 4, 5, 5)), "has conv2_2 of shape (4, 4, 5, 5)"),
        (with_("conv2_2.weight", torch.zeros(4, 9, 3, 3)), "conv2_2 with 9 inputs for 4 channels"),
        (with_("conv0.weight", torch.zeros(3, 3, 3, 3)), "has conv0 of shape (3, 3, 3, 3)"),
        (with_("conv1_1.bias", torch.full((4,), float("nan"))), "that are not finite numbers"),
    ],
)
def test_weights_that_are_not_whole_are_refused_by_what_is_wrong(
    tmp_path: Path,
    spoil: Callable[[dict[str, Tensor]], dict[str, Tensor]],
    wrong: str,
) -> None:
    path = tmp_path / "spoilt.safetensors"
    save_file(spoil(random_vgg((4, 4, 4, 4, 4))), path)
    with pytest.raises(BadWeights) as raised:
        load_perceptual(path)
    assert "(spoilt.safetensors " in str(raised.value)
    assert wrong in str(raised.value)


def test_torchvision_s_networks_with_batch_normalization_are_others(tmp_path: Path) -> None:
    path = tmp_path / "vgg19_bn.pth"
    torch.save(state_dict(torchvision_layers(VGG19, batch_norm=True)), path)
    with pytest.raises(BadWeights, match=r"vgg19_bn\.pth is no torchvision state dict of VGG-16"):
        load_perceptual(path)


@pytest.mark.parametrize("name", ["torn.pth", "torn.safetensors"])
@pytest.mark.parametrize("content", [b"", b"no weights at all" * 100])
def test_damaged_files_are_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadWeights, match=rf"{name} is damaged, or holds more than tensors"):
        load_perceptual(path)


def test_nothing_in_a_file_of_weights_is_executed(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"features.0.weight": Trap()}, tmp_path / "trap.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(BadWeights, match=r"trap\.pth is damaged, or holds more than tensors"):
        load_perceptual(tmp_path / "trap.pth")
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(BadWeights, match=r"list\.pth holds no state dict"):
        load_perceptual(tmp_path / "list.pth")


def test_weights_that_are_not_there_are_called_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file or folder with weights of VGG"):
        load_perceptual(tmp_path / "none")


WEIGHTS = Path(__file__).parents[3] / "shared/weights"


@pytest.mark.shared
@pytest.mark.skipif(not WEIGHTS.is_dir(), reason="there is no ../shared/weights")
class TestRealWeights:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """All that are there but VGG-16's, which has every layer and would be taken alone."""
        for path in WEIGHTS.iterdir():
            if not path.name.startswith("vgg16"):
                (tmp_path / path.name).symlink_to(path)
        return tmp_path

    def test_a_folder_gives_vgg19_and_leaves_out_what_is_none(self, folder: Path) -> None:
        network = load_perceptual(folder)
        features = network.features(PICTURE)
        assert [features[layer].shape[1] for layer in LAYERS] == [64, 128, 256, 512, 512]
        assert network.name == (
            "vgg19_normalised_relu1_1-relu3_1 (relu1_1-relu3_1) + "
            "vgg19_16x-distilled_encoder_relu1_1-relu5_1 (relu4_1-relu5_1)"
        )

    def test_the_distilled_network_agrees_with_the_real_one_where_both_see(
        self, folder: Path
    ) -> None:
        (distilled,) = WEIGHTS.glob("vgg19_16x*")
        with Image.open(WEIGHTS / "../media/photographs/kodak_05.jpg") as photograph:
            picture = to_tensor(photograph.crop((0, 0, 192, 192)))[None] / 255
        expected = load_perceptual(folder).features(picture)
        seen = VGG(load_file(distilled), layers=LAYERS[:3]).features(picture)
        for layer, features in seen.items():
            energy = mean_energy(expected[layer])
            assert content_loss(features, expected[layer], energy=energy) < 0.4, layer
