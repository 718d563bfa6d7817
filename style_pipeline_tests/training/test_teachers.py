import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from style_pipeline.stylization.fast_neural_style import LAYERS, OUTPUT
from style_pipeline.training.teachers import EXAMPLES, MULTISTYLE, Teacher, load_teachers
from style_pipeline_tests.stylization.published import state_dict, stylized

SHARED = Path(__file__).parents[3] / "shared"
STYLES = 3
MULTISTYLE_CHANNELS = {"down0": (32, 3, 9), "up0": (8, 32, 3), "up1": (4, 8, 3), "up2": (3, 4, 9)}


def layer(outputs: int, inputs: int, kernel: int) -> dict[str, Tensor]:
    return {
        "weight": torch.randn(outputs, inputs, kernel, kernel) / (inputs * kernel**2) ** 0.5,
        "scale": torch.rand(STYLES, outputs) + 0.5,
        "shift": torch.rand(STYLES, outputs) - 0.5,
    }


def multistyle(folder: Path) -> dict[str, Tensor]:
    """A file of another project, in its layout."""
    torch.manual_seed(0)
    tensors = {
        f"{name}.{part}": tensor
        for name in MULTISTYLE
        for part, tensor in layer(*MULTISTYLE_CHANNELS.get(name, (32, 32, 3))).items()
    }
    save_file(tensors, folder / "multistyle.safetensors")
    return tensors


def example(folder: Path, name: str) -> dict[str, Tensor]:
    """A network of pytorch/examples, and a file of it in the layout of `EXAMPLES`."""
    published = state_dict()
    tensors = {f"out.{part}": published[f"{OUTPUT}.{part}"] for part in ("weight", "bias")}
    for theirs, (convolution, normalization) in zip(EXAMPLES, LAYERS.values(), strict=True):
        tensors[f"{theirs}.weight"] = published[f"{convolution}.weight"]
        tensors[f"{theirs}.scale"] = published[f"{normalization}.weight"]
        tensors[f"{theirs}.shift"] = published[f"{normalization}.bias"]
    save_file(tensors, folder / f"examples_{name}.safetensors")
    return published


def as_published(x: Tensor, file: dict[str, Tensor]) -> Tensor:
    """What a multistyle network makes of a picture, in the style of its tensors."""

    def made(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = file[f"{name}.weight"]
        padded = F.pad(x, (weight.shape[-1] // 2,) * 4, mode="reflect")
        x = F.conv2d(padded, weight, stride=stride)
        return F.instance_norm(x, weight=file[f"{name}.scale"], bias=file[f"{name}.shift"])

    x = made(x, "down0").relu()
    x = made(made(x, "down1", 2).relu(), "down2", 2).relu()
    for block in range(6):
        x = x + made(made(x, f"res.{block}.0").relu(), f"res.{block}.1")
    for name in ("up0", "up1"):
        x = made(F.interpolate(x, scale_factor=2.0), name).relu()
    return made(x, "up2").sigmoid()


def by_name(teachers: list[Teacher]) -> dict[str, Teacher]:
    return {teacher.name: teacher for teacher in teachers}


@pytest.fixture
def picture() -> Tensor:
    torch.manual_seed(2)
    return torch.rand(1, 3, 32, 48)


@torch.inference_mode()
def test_every_style_of_a_multistyle_network_teaches_at_two_sizes(
    tmp_path: Path, picture: Tensor
) -> None:
    file = multistyle(tmp_path)
    teachers = by_name(load_teachers(tmp_path))
    assert teachers.keys() == {
        f"multistyle-{n}{half}" for n in range(STYLES) for half in ("", "-half")
    }
    for number in range(STYLES):
        chosen = {
            name: tensor if name.endswith("weight") else tensor[number]
            for name, tensor in file.items()
        }
        found = teachers[f"multistyle-{number}"].stylize(picture)
        torch.testing.assert_close(found, as_published(picture, chosen), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_an_example_teaches_what_it_was_trained_to(tmp_path: Path, picture: Tensor) -> None:
    published = example(tmp_path, "candy")
    teachers = by_name(load_teachers(tmp_path))
    assert teachers.keys() == {"candy", "candy-half"}
    expected = stylized(published, picture)
    assert 0.1 < expected.std() < 0.5
    torch.testing.assert_close(teachers["candy"].stylize(picture), expected, atol=1e-4, rtol=0)


@torch.inference_mode()
def test_at_half_the_size_strokes_are_twice_as_large_and_the_picture_keeps_its_size(
    tmp_path: Path, picture: Tensor
) -> None:
    multistyle(tmp_path)
    teachers = by_name(load_teachers(tmp_path))
    whole, half = teachers["multistyle-0"], teachers["multistyle-0-half"]
    found = half.stylize(picture)
    assert found.shape == picture.shape
    assert 0 <= found.min() < found.max() <= 1
    small = whole.stylize(F.avg_pool2d(picture, 2))
    back = F.avg_pool2d(found, 2)
    assert (back - small).abs().mean() < 0.5 * (small - small.mean((2, 3), True)).abs().mean()
    assert half.weight < whole.weight


def test_without_teachers_it_is_said_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no multistyle\.safetensors, no examples_"):
        load_teachers(tmp_path)


def peers() -> ModuleType:
    path = SHARED / "tools" / "peers.py"
    spec = importlib.util.spec_from_file_location("peers", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "peers").is_dir(), reason="there are no networks to compare to")
@torch.inference_mode()
def test_published_networks_give_the_pictures_that_they_are_known_for(picture: Tensor) -> None:
    folder = SHARED / "peers"
    load, teachers = peers().load, by_name(load_teachers(folder))
    for number in (0, 5, 19, 25):
        expected = load(folder / "dumoulin_26-styles.safetensors", style=number)(picture)
        found = teachers[f"multistyle-{number}"].stylize(picture)
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    for name in ("candy", "mosaic", "udnie"):
        expected = load(folder / f"pytorch-examples_{name}.safetensors")(picture)
        torch.testing.assert_close(teachers[name].stylize(picture), expected, atol=1e-4, rtol=0)
