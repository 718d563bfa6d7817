import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from safetensors import safe_open

from style_pipeline.styles import BODY, FINE_BODY
from style_pipeline.stylization import model_file
from style_pipeline.stylization.model_file import Body, load_body, load_model
from style_pipeline.training import __main__ as command
from style_pipeline.training.__main__ import main
from style_pipeline.training.recipe import BodyRecipe, FitRecipe
from style_pipeline_tests.training.quick import tiny_body
from style_pipeline_tests.training.taught import TEACHERS
from style_pipeline_tests.training.vggs import save_vgg


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Noise as photographs and painting, a VGG-19 four channels wide, and a tiny body."""
    rng = np.random.default_rng(0)
    for name in ("photographs/a", "photographs/b", "photographs/c", "painting"):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (72, 100, 3), dtype=np.uint8)).save(path)
    (tmp_path / "photographs/readme.txt").write_text("no picture")
    save_vgg(tmp_path / "vgg.safetensors")
    for module in (model_file, command):
        monkeypatch.setattr(module, "load_body", lambda digest: tiny_body())

    def tiny_recipe(**given: float) -> FitRecipe:
        return FitRecipe(view=64, crop=64, crops=1, painting_side=64, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "FitRecipe", tiny_recipe)
    return tmp_path


def run(folder: Path, *options: str) -> Result:
    given = ["--photographs", str(folder / "photographs"), "--iterations", "2"]
    weights = ["--perceptual", str(folder / "vgg.safetensors")]
    files = [str(folder / "painting.png"), str(folder / "training/noise.safetensors")]
    return CliRunner().invoke(main, ["fit", *files, *given, *weights, *options])


def train(folder: Path, *options: str) -> Result:
    given = ["--photographs", str(folder / "photographs"), "--teachers", str(folder)]
    return CliRunner().invoke(main, ["body", str(folder / "body"), *given, *options])


def test_the_command_fits_samples_and_saves_a_style(folder: Path) -> None:
    result = run(folder, "--samples-every", "2", "--held-out", "b")
    assert result.exit_code == 0, result.output
    model = load_model(folder / "training/noise.safetensors")
    assert (model.style, model.body) == ("noise", tiny_body().digest)
    assert model.sha256 in result.output
    assert '"photographs": 2, "held_out": ["b"]' in model.metadata["data"]
    with Image.open(folder / "training/noise.000002.png") as sheet:
        assert sheet.size == (1100, 156)


def test_the_command_resumes(folder: Path) -> None:
    first = run(folder).output.splitlines()[-1]
    again = run(folder, "--resume").output.splitlines()
    assert again == [first]


def test_the_fit_follows_the_options(folder: Path) -> None:
    result = run(folder, "--content", "0.7", "--brushing", "0.25", "--seed", "3")
    assert result.exit_code == 0, result.output
    model = load_model(folder / "training/noise.safetensors")
    wanted = {"content": 0.7, "brushing": 0.25, "seed": 3, "iterations": 2}
    assert wanted.items() <= json.loads(model.metadata["recipe"]).items()
    assert model.network.style[model.network.architecture.brushing] == 0.25


def test_a_photograph_held_out_must_exist(folder: Path) -> None:
    result = run(folder, "--held-out", "e", "--held-out", "a", "--held-out", "d")
    assert result.exit_code == 2
    assert f"held out but not in {folder / 'photographs'}: d, e" in result.output


def test_a_fit_may_begin_with_the_style_of_a_teacher(folder: Path) -> None:
    result = run(folder, "--start", "green")
    assert result.exit_code == 0, result.output
    model = load_model(folder / "training/noise.safetensors")
    assert '"started_from": "green"' in model.metadata["data"]
    refused = run(folder, "--start", "gold")
    assert refused.exit_code == 2
    assert "--start gold: it should be one of red, green, blue" in refused.output


def test_a_body_is_trained_and_goes_on_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "SIZES", {"standard": ((3, 4, 3), 1)})
    monkeypatch.setattr(command, "BodyRecipe", partial(BodyRecipe, side=40))
    monkeypatch.setattr(command, "load_teachers", lambda where, device: TEACHERS)

    given = ["--batch", "2", "--device", "cpu", "--iterations"]
    first, second = (train(folder, *given, iterations) for iterations in ("1", "25"))
    assert (first.exit_code, second.exit_code) == (0, 0), second.output
    assert second.output.splitlines()[0].startswith("25/25  difference 0.")
    path = Path(second.output.splitlines()[-1])
    monkeypatch.setattr(model_file, "BODIES", path.parent)
    assert len(load_body(path.stem).styles) == 2
    with safe_open(path, "np") as file:
        assert json.loads(file.metadata()["teachers"]) == ["red", "blue"]
        assert file.get_tensor("styles").shape[0] == 2
    assert str(path) not in first.output


def test_the_command_fits_to_the_body_of_a_quality_or_of_a_digest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def load_body(digest: str) -> Body:
        asked.append(digest)
        return tiny_body()

    monkeypatch.setattr(command, "load_body", load_body)
    for options in ([], ["--quality", "fine"], ["--body", "0" * 64]):
        assert run(folder, *options).exit_code == 0
    assert asked == [BODY, FINE_BODY, "0" * 64]


def test_a_body_that_none_can_begin_with_is_refused_in_a_line(folder: Path) -> None:
    refused = train(folder, "--start", "gold")
    assert refused.exit_code == 2
    assert "--start gold: " in refused.output
    assert "cannot be told apart" in " ".join(refused.output.split())


def test_a_file_that_cannot_be_used_is_one_line(folder: Path) -> None:
    (folder / "painting.png").write_text("no picture")
    no_picture = "painting.png is not a whole JPEG, PNG or WebP picture: export it as one"
    assert run(folder).output == f"Error: {no_picture}\n"
    (folder / "painting.png").unlink()
    assert run(folder).output.startswith("Error: [Errno 2] No such file or directory: ")
    assert train(folder).output.endswith("no multistyle.safetensors, no examples_*.safetensors\n")
