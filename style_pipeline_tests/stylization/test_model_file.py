import json
import math
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
from style_pipeline.styles import BODY_OF, FINE, shipped_styles
from style_pipeline.stylization import model_file
from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.backends.network import as_network
from style_pipeline.stylization.model_file import (
    StyleModelError,
    Tensor,
    load_body,
    load_model,
    save_body,
    save_model,
    tensors_sha256,
)
from style_pipeline_tests.stylization.stylizing import pictures, style, untrained

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
        """Make it say of itself what is true of it."""
        own = {name: tensor for name, tensor in self.tensors.items() if name != "style"}
        if own:
            self.metadata["body"] = tensors_sha256(own)
        body = "" if own else self.metadata["body"]
        self.metadata["tensors_sha256"] = tensors_sha256(self.tensors, body)


def read(path: Path) -> Content:
    with safe_open(path, framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return Content(tensors, file.metadata())


def save(path: Path, network: StyleNetwork, *, body: str = "") -> str:
    return save_model(
        path,
        network,
        style=path.stem,
        recipe=RECIPE,
        data=DATA,
        artwork_sha256="ab" * 32,
        body=body,
    )


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where shipped bodies are; none at first."""
    folder = tmp_path / "bodies"
    folder.mkdir()
    monkeypatch.setattr(model_file, "BODIES", folder)
    return folder


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    """A style with a body of its own."""
    path = tmp_path / "mosaic.safetensors"
    save(path, untrained("transformer"))
    return path


@pytest.fixture
def style_path(tmp_path: Path, bodies: Path) -> Path:
    """A style of a shipped body."""
    network = untrained("body")
    path = tmp_path / "mosaic.safetensors"
    body = save_body(
        bodies,
        network.architecture,
        network.weights,
        np.stack([network.style, network.style / 2]),
        recipe=RECIPE,
        teachers=["one", "another"],
    )
    save(path, network, body=body.stem)
    return path


def in_half_precision(network: StyleNetwork) -> StyleNetwork:
    weights = {
        name: weight.astype(np.float16).astype(np.float32)
        for name, weight in network.weights.items()
    }
    return StyleNetwork(network.architecture, weights, network.style)


@pytest.mark.parametrize("kind", ["body", "transformer"])
def test_a_saved_network_is_read_as_it_was_in_half_precision(kind: str, tmp_path: Path) -> None:
    network = untrained(kind)
    path = tmp_path / "a.safetensors"
    sha256 = save(path, network)
    model = load_model(path)
    assert (model.sha256, model.style) == (sha256, "a")
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]
    assert model.network.architecture == network.architecture
    np.testing.assert_array_equal(model.network.style, network.style)
    given = pictures(32, 32, 1)
    np.testing.assert_array_equal(
        style(model.network, given, (32, 32)), style(in_half_precision(network), given, (32, 32))
    )


def test_a_style_of_a_shipped_body_is_a_vector_of_a_few_kilobytes(
    style_path: Path, bodies: Path
) -> None:
    network = untrained("body")
    model = load_model(style_path)
    assert [path.stem for path in bodies.iterdir()] == [model.body]
    assert read(style_path).tensors.keys() == {"style"}
    assert style_path.stat().st_size < 4 * network.style.size + 1500
    assert model.network.architecture == network.architecture
    for name, expected in in_half_precision(network).weights.items():
        np.testing.assert_array_equal(model.network.weights[name], expected)
    np.testing.assert_array_equal(model.network.style, network.style)


def test_a_body_holds_the_styles_that_it_was_trained_with(style_path: Path) -> None:
    network, digest = untrained("body"), load_model(style_path).body
    body = load_body(digest)
    assert (body.digest, body.architecture) == (digest, network.architecture)
    assert json.loads(body.metadata["teachers"]) == ["one", "another"]
    assert json.loads(body.metadata["recipe"]) == RECIPE
    expected = np.stack([network.style, network.style / 2])
    np.testing.assert_allclose(body.styles, expected, atol=1e-3)
    made = body.network(network.style)
    given = pictures(32, 32, 1)
    np.testing.assert_array_equal(
        style(made, given, (32, 32)), style(in_half_precision(network), given, (32, 32))
    )


def test_styles_of_before_brushing_have_none_of_it(style_path: Path, bodies: Path) -> None:
    content = read(style_path)
    content.tensors["style"] = content.tensors["style"][:-1].copy()
    content.rehash()
    now, before = load_model(style_path), load_model(content.write(style_path))
    np.testing.assert_array_equal(before.network.style, [*now.network.style[:-1], 0])
    assert before.sha256 == content.metadata["tensors_sha256"]
    body = bodies / f"{now.body}.safetensors"
    content = read(body)
    content.tensors["styles"] = content.tensors["styles"][:, :-1].copy()
    content.write(body)
    assert load_body(now.body).styles[:, -1].tolist() == [0, 0]


def test_styles_of_one_body_say_so_and_differ_in_their_hashes(
    style_path: Path, tmp_path: Path
) -> None:
    first = load_model(style_path)
    other = tmp_path / "other.safetensors"
    save(other, untrained("body", seed=1), body=first.body)
    alone = tmp_path / "alone.safetensors"
    save(alone, untrained("body"))
    models = [first, load_model(other), load_model(alone)]
    assert {model.body for model in models} == {first.body}, "one that brings it along, too"
    assert len({model.sha256 for model in models}) == 3


def test_metadata_says_what_the_model_is_and_how_it_was_made(model_path: Path) -> None:
    model = load_model(model_path)
    assert model.style == model.metadata["style"] == "mosaic"
    assert model.metadata["format"] == "style_pipeline/2"
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


def test_the_hash_sees_names_shapes_values_and_the_body() -> None:
    value = np.arange(6, dtype=np.float16)
    variants: list[dict[str, Tensor]] = [
        {"a": value},
        {"b": value},
        {"a": value.reshape(2, 3)},
        {"a": value + 1},
        {"a": value.astype(np.float32)},
        {"a": value, "b": value},
    ]
    hashes = {tensors_sha256(tensors) for tensors in variants}
    assert len(hashes | {tensors_sha256({"a": value}, "ab" * 32)}) == len(variants) + 1


BIAS = "body.output.1.bias"


Spoil = Callable[[Content], object]


def without(name: str) -> Spoil:
    return lambda content: content.tensors.pop(name)


def with_tensor(name: str, tensor: Tensor) -> Spoil:
    return lambda content: content.tensors.update({name: tensor})


def changed(name: str, change: Callable[[Tensor], Tensor]) -> Spoil:
    return lambda content: content.tensors.update({name: change(content.tensors[name])})


def holding(value: float) -> Callable[[Tensor], Tensor]:
    """Tensors with a number in their second place."""
    return lambda tensor: np.where(np.arange(len(tensor)) == 1, tensor.dtype.type(value), tensor)


def announcing(**metadata: str) -> Spoil:
    return lambda content: content.metadata.update(metadata)


IN_ANY: list[tuple[Spoil, str]] = [
    (
        changed("style", lambda style: style[:-2]),
        r"style has shape \(\d+,\), expected \(\d+,\)",
    ),
    (changed("style", holding(math.nan)), "style holds values that are not finite numbers"),
    (changed("style", holding(math.inf)), "style holds values that are not finite numbers"),
    (
        announcing(format="style_pipeline/99"),
        "format 'style_pipeline/99', expected 'style_pipeline/2'",
    ),
    (lambda content: content.metadata.pop("style"), "metadata lacks 'style'"),
]


def assert_refused(path: Path, spoil: Spoil, message: str) -> None:
    content = read(path)
    spoil(content)
    content.rehash()
    with pytest.raises(StyleModelError, match=f"^mosaic.safetensors: {message}") as caught:
        load_model(content.write(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        *IN_ANY,
        (without(BIAS), f"tensors missing: {BIAS}"),
        (without("style"), "tensors missing: style"),
        (with_tensor("backdoor", np.zeros(1, np.float16)), "tensors not of this network: backdoor"),
        (with_tensor(BIAS, np.zeros(4, np.float16)), rf"{BIAS} has shape \(4,\), expected \(3,\)"),
        (changed(BIAS, holding(math.nan)), f"{BIAS} holds values that are not finite numbers"),
        (
            with_tensor(BIAS, np.zeros(3, np.int32)),
            f"{BIAS} is of int32, expected float16 or float32",
        ),
        (announcing(channels="[32, 64, 100000000]"), "impossible architecture: channels = "),
        (
            announcing(architecture="diffusion"),
            "unknown architecture 'diffusion', expected body, slim",
        ),
        (announcing(channels="[32,"), "metadata is not JSON"),
    ],
)
def test_a_file_that_is_not_the_network_it_claims_to_be_is_refused(
    model_path: Path, spoil: Spoil, message: str
) -> None:
    assert_refused(model_path, spoil, message)


def name_a_body_elsewhere(content: Content) -> None:
    content.metadata["body"] = f"../bodies/{content.metadata['body']}"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        *IN_ANY,
        (
            announcing(body="12" * 32),
            "it needs the body 121212121212, which this version lacks: train the style",
        ),
        (name_a_body_elsewhere, "it needs the body ../bodies/"),
    ],
)
def test_a_style_that_is_not_of_its_body_is_refused(
    style_path: Path, spoil: Spoil, message: str
) -> None:
    assert_refused(style_path, spoil, message)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            changed("body.up.1.conv.weight", lambda weight: weight * 2),
            "the body does not match its hash",
        ),
        (without("styles"), "tensors missing: styles"),
        (
            changed("styles", lambda styles: styles[:, 2:]),
            r"styles has shape \(2, \d+\), expected \(2, \d+\)",
        ),
    ],
)
def test_a_shipped_body_that_is_not_what_it_is_called_is_refused(
    style_path: Path, bodies: Path, spoil: Spoil, message: str
) -> None:
    (path,) = bodies.iterdir()
    content = read(path)
    spoil(content)
    content.write(path)
    with pytest.raises(StyleModelError, match=rf"^mosaic\.safetensors: {message}"):
        load_model(style_path)


@pytest.mark.parametrize(
    ("file", "name"), [("model_path", "style"), ("model_path", BIAS), ("style_path", "style")]
)
def test_changed_numbers_are_noticed(file: str, name: str, request: pytest.FixtureRequest) -> None:
    path = request.getfixturevalue(file)
    content = read(path)
    content.tensors[name][0] += 0.25
    with pytest.raises(StyleModelError, match=r"do(es)? not match (its|their) hash"):
        load_model(content.write(path))


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
    with pytest.raises(StyleModelError, match="format None, expected 'style_pipeline/2'"):
        load_model(path)


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none.safetensors")


def generated_picture() -> torch.Tensor:
    """Soft hills of color with an edge across, float (1, 3, 96, 128)."""
    y, x = torch.meshgrid(torch.linspace(0, 5, 96), torch.linspace(0, 7, 128), indexing="ij")
    picture = torch.stack((y.sin(), x.cos(), (x + y).sin()))[None] / 4 + 0.5
    picture[..., 64:] *= 0.5
    return picture


def fine_structure(picture: torch.Tensor) -> float:
    """How much neighboring pixels differ."""
    return sum(float(picture.diff(dim=dim).abs().mean()) for dim in (2, 3))


def test_every_artwork_has_a_style() -> None:
    assert shipped_styles().keys() >= ARTWORKS.keys()


@pytest.mark.parametrize("name", ARTWORKS)
def test_an_artwork_is_shipped_beside_its_style(name: str) -> None:
    assert shipped_styles()[name].with_suffix(".jpg").stat().st_size <= 600_000


@pytest.mark.parametrize("quality", BODY_OF)
def test_all_styles_of_a_quality_share_its_body_and_can_be_mixed(quality: str) -> None:
    bodies = {style: load_model(path).body for style, path in shipped_styles(quality).items()}
    assert bodies == dict.fromkeys(shipped_styles(), BODY_OF[quality])


@pytest.mark.parametrize(
    "path",
    [*shipped_styles().values(), *shipped_styles(FINE).values()],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
class TestShippedStyles:
    def test_it_is_small_and_says_how_it_was_made(self, path: Path) -> None:
        model = load_model(path)
        assert path.stat().st_size <= 2_000_000
        assert model.style == path.stem
        recipe, data = json.loads(model.metadata["recipe"]), json.loads(model.metadata["data"])
        again = str(data.get("started_from")).startswith("the style of body")
        assert recipe["iterations"] >= (30 if again else 100)
        assert data["photographs"] > 100
        assert data.keys() >= {"artwork"}

    def test_it_is_brushed_as_far_as_was_preferred(self, path: Path) -> None:
        model = load_model(path)
        unlike = {"wheat-field": 0, "self-portrait": 0, "ink": 0, "starry-night": 0.5}
        found = model.network.architecture.brushing_of(model.network.style)
        assert found == unlike.get(path.stem, 1) == json.loads(model.metadata["recipe"])["brushing"]

    @torch.inference_mode()
    def test_it_paints_with_strokes_and_colors_and_keeps_the_picture(self, path: Path) -> None:
        picture, network = generated_picture(), load_model(path).network
        painting = as_network(network)(picture, torch.from_numpy(network.style)[None])
        assert (painting - picture).abs().mean() > 0.05
        assert 0.15 < painting.mean() < 0.85
        assert (painting.std((0, 2, 3)) > 0.08).all()
        # Strokes: more fine structure than soft hills have; a calm painting has 1.7 times as much.
        assert fine_structure(painting) > 1.5 * fine_structure(picture)
        light = torch.stack([painting.mean(1).flatten(), picture.mean(1).flatten()])
        assert torch.corrcoef(light)[0, 1] > 0.25
