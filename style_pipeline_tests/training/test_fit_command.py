import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from style_pipeline.styles import BODY, FINE_BODY
from style_pipeline.stylization.model_file import Body, load_model
from style_pipeline.training import fit_command
from style_pipeline.training.__main__ import main
from style_pipeline_tests.training.quick import tiny_body


def run(folder: Path, *options: str) -> Result:
    given = ["--photographs", str(folder / "photographs"), "--iterations", "2"]
    weights = ["--perceptual", str(folder / "vgg.safetensors")]
    files = [str(folder / "painting.png"), str(folder / "training/noise.safetensors")]
    return CliRunner().invoke(main, ["fit", *files, *given, *weights, *options])


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


def test_the_command_fits_to_the_body_of_a_quality_or_of_a_digest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def load_body(digest: str) -> Body:
        asked.append(digest)
        return tiny_body()

    monkeypatch.setattr(fit_command, "load_body", load_body)
    for options in ([], ["--quality", "fine"], ["--body", "0" * 64]):
        assert run(folder, *options).exit_code == 0
    assert asked == [BODY, FINE_BODY, "0" * 64]


def test_a_file_that_cannot_be_used_is_one_line(folder: Path) -> None:
    (folder / "painting.png").write_text("no picture")
    no_picture = "painting.png is not a whole JPEG, PNG or WebP picture: export it as one"
    assert run(folder).output == f"Error: {no_picture}\n"
    (folder / "painting.png").unlink()
    assert run(folder).output.startswith("Error: [Errno 2] No such file or directory: ")
