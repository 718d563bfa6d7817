import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from style_pipeline.artworks import ARTWORKS
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.model_file import (
    StyleModelError,
    Tensor,
    load_model,
    save_model,
    tensors_sha256,
)
from style_pipeline.stylization.backends.network import TransformerNet, as_module
from style_pipeline.training.perceptual import total_variation
from style_pipeline.training.recipe import TrainingRecipe

RECIPE = {"iterations": 3}
DATA = {"photographs": 2}


@dataclass
class Content:
    """What a model file holds, to be spoiled and written again."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]

    def write(self, path: Path) -> Path:
        save_file(self.tensors, path, self.metadata)
        return path

    def rehash(self) -> None:
        self.metadata["tensors_sha256"] = tensors_sha256(self.tensors)


def read(path: Path) -> Content:
    with safe_open(path, framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return Content(tensors, file.metadata())


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = TransformerNet(channels=(4, 8, 8), residual_blocks=1)
    path = tmp_path / "mosaic.safetensors"
    save_model(
        path,
        network.plain(),
        style="mosaic",
        recipe=RECIPE,
        data=DATA,
        artwork_sha256="ab" * 32,
    )
    return path


def test_a_saved_network_paints_as_before_within_half_precision(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = TransformerNet(channels=(4, 8, 8), residual_blocks=2).eval()
    path = tmp_path / "a.safetensors"
    sha256 = save_model(path, network.plain(), style="a", recipe={}, data={}, artwork_sha256="")
    model = load_model(path)
    picture = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        painting = as_module(model.network)(picture)
        torch.testing.assert_close(painting, network(picture), atol=5e-3, rtol=0)
    assert model.sha256 == sha256
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_loaded_network_becomes_a_module_of_single_precision_without_gradients(
    model_path: Path,
) -> None:
    network = as_module(load_model(model_path).network)
    assert not network.training
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in network.parameters())


def test_metadata_says_what_the_model_is_and_how_it_was_made(model_path: Path) -> None:
    model = load_model(model_path)
    assert model.style == model.metadata["style"] == "mosaic"
    assert model.metadata["architecture"] == "transformer"
    assert json.loads(model.metadata["channels"]) == [4, 8, 8]
    assert json.loads(model.metadata["recipe"]) == RECIPE
    assert json.loads(model.metadata["data"]) == DATA
    assert model.metadata["artwork_sha256"] == "ab" * 32


def test_the_hash_is_of_the_tensors_and_not_of_what_is_said_about_them(model_path: Path) -> None:
    before = load_model(model_path)
    content = read(model_path)
    content.metadata = {**dict(reversed(content.metadata.items())), "data": "{}"}
    assert load_model(content.write(model_path)).sha256 == before.sha256


def test_the_hash_sees_names_shapes_and_values() -> None:
    value = np.arange(6, dtype=np.float16)
    variants: list[dict[str, Tensor]] = [
        {"a": value},
        {"b": value},
        {"a": value.reshape(2, 3)},
        {"a": value + 1},
        {"a": value.astype(np.float32)},
        {"a": value, "b": value},
    ]
    assert len({tensors_sha256(tensors) for tensors in variants}) == len(variants)


def drop_a_tensor(content: Content) -> None:
    del content.tensors["output.1.bias"]


def add_a_tensor(content: Content) -> None:
    content.tensors["backdoor"] = np.zeros(1, np.float16)


def reshape_a_tensor(content: Content) -> None:
    content.tensors["output.1.bias"] = np.zeros(4, np.float16)


def poison_a_tensor(content: Content) -> None:
    content.tensors["output.1.bias"][1] = float("nan")


def make_it_whole_numbers(content: Content) -> None:
    content.tensors["output.1.bias"] = np.zeros(3, np.int32)


def announce_a_huge_network(content: Content) -> None:
    content.metadata["channels"] = "[32, 64, 100000000]"


def announce_another_network(content: Content) -> None:
    content.metadata["architecture"] = "diffusion"


def announce_a_later_format(content: Content) -> None:
    content.metadata["format"] = "style_pipeline/99"


def garble_the_channels(content: Content) -> None:
    content.metadata["channels"] = "[32,"


def forget_the_style(content: Content) -> None:
    del content.metadata["style"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (drop_a_tensor, "tensors missing: output.1.bias"),
        (add_a_tensor, "tensors not of this network: backdoor"),
        (reshape_a_tensor, r"output.1.bias has shape \(4,\), expected \(3,\)"),
        (poison_a_tensor, "output.1.bias holds values that are not finite numbers"),
        (make_it_whole_numbers, "output.1.bias holds values that are not finite numbers"),
        (announce_a_huge_network, "impossible architecture: channels = "),
        (announce_another_network, "unknown architecture 'diffusion', expected slim, transformer"),
        (announce_a_later_format, "format 'style_pipeline/99', expected 'style_pipeline/1'"),
        (garble_the_channels, "metadata is not JSON"),
        (forget_the_style, "metadata lacks 'style'"),
    ],
)
def test_a_file_that_is_not_the_network_it_claims_to_be_is_refused(
    model_path: Path, spoil: Callable[[Content], None], message: str
) -> None:
    content = read(model_path)
    spoil(content)
    content.rehash()
    with pytest.raises(StyleModelError, match=f"^mosaic.safetensors: {message}") as caught:
        load_model(content.write(model_path))
    assert "\n" not in str(caught.value)


def test_changed_weights_are_noticed(model_path: Path) -> None:
    content = read(model_path)
    content.tensors["output.1.bias"][0] += 0.25
    with pytest.raises(StyleModelError, match="do not match their hash"):
        load_model(content.write(model_path))


def test_a_dtype_that_numpy_lacks_is_refused(model_path: Path) -> None:
    content = read(model_path)
    tensors = {name: torch.tensor(value).bfloat16() for name, value in content.tensors.items()}
    save_tensors(tensors, model_path, content.metadata)
    with pytest.raises(StyleModelError, match=r"^mosaic.safetensors: .*bfloat16"):
        load_model(model_path)


@pytest.mark.parametrize("kept", [0, 7, 500, -1])
def test_a_truncated_file_is_refused(model_path: Path, kept: int) -> None:
    model_path.write_bytes(model_path.read_bytes()[:kept])
    with pytest.raises(StyleModelError, match="no whole safetensors file"):
        load_model(model_path)


def test_a_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
            return Path.touch, (tmp_path / "pwned",)

    path = tmp_path / "a.safetensors"
    path.write_bytes(pickle.dumps(Touch()))
    with pytest.raises(StyleModelError, match="no whole safetensors file"):
        load_model(path)
    assert not (tmp_path / "pwned").exists()


def test_safetensors_without_our_metadata_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({"weight": np.zeros(1)}, path)
    with pytest.raises(StyleModelError, match="format None, expected 'style_pipeline/1'"):
        load_model(path)


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none.safetensors")


def generated_picture() -> torch.Tensor:
    """Soft hills of colour with an edge across, float (1, 3, 96, 128)."""
    y, x = torch.meshgrid(torch.linspace(0, 5, 96), torch.linspace(0, 7, 128), indexing="ij")
    picture = torch.stack((y.sin(), x.cos(), (x + y).sin()))[None] / 4 + 0.5
    picture[..., 64:] *= 0.5
    return picture


def test_every_artwork_has_a_network() -> None:
    assert shipped_styles().keys() == ARTWORKS.keys()


@pytest.mark.parametrize("path", shipped_styles().values(), ids=lambda path: path.stem)
class TestShippedStyles:
    def test_it_is_small_and_says_how_it_was_made(self, path: Path) -> None:
        model = load_model(path)
        assert path.stat().st_size <= 2_000_000
        assert model.style == path.stem
        recipe, data = json.loads(model.metadata["recipe"]), json.loads(model.metadata["data"])
        assert TrainingRecipe(**recipe).iterations >= 700
        assert data["photographs"] > 100
        assert data.keys() >= {"artwork", "held_out", "perceptual"}

    def test_its_artwork_is_shipped_beside_it(self, path: Path) -> None:
        assert path.with_suffix(".jpg").stat().st_size <= 600_000

    @torch.inference_mode()
    def test_it_paints_with_strokes_and_colours_and_keeps_the_picture(self, path: Path) -> None:
        picture = generated_picture()
        painting = as_module(load_model(path).network)(picture)
        assert (painting - picture).abs().mean() > 0.05
        assert 0.15 < painting.mean() < 0.85
        assert (painting.std((0, 2, 3)) > 0.08).all()
        # Strokes: far more fine structure than the soft hills have.
        assert total_variation(painting) > 3 * total_variation(picture)
        light = torch.stack([painting.mean(1).flatten(), picture.mean(1).flatten()])
        assert torch.corrcoef(light)[0, 1] > 0.25
