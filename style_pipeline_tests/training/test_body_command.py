import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from safetensors import safe_open

from style_pipeline.stylization import model_file
from style_pipeline.stylization.model_file import load_body
from style_pipeline.training import body_command
from style_pipeline.training.__main__ import main
from style_pipeline.training.recipe import BodyRecipe
from style_pipeline_tests.training.taught import TEACHERS


def train(folder: Path, *options: str) -> Result:
    given = ["--photographs", str(folder / "photographs"), "--teachers", str(folder)]
    return CliRunner().invoke(main, ["body", str(folder / "body"), *given, *options])


def test_a_body_is_trained_and_goes_on_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_command, "SIZES", {"standard": ((3, 4, 3), 1)})
    monkeypatch.setattr(body_command, "BodyRecipe", partial(BodyRecipe, side=40))
    monkeypatch.setattr(body_command, "load_teachers", lambda where, device: TEACHERS)

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


def test_a_body_that_none_can_begin_with_is_refused_in_a_line(folder: Path) -> None:
    refused = train(folder, "--start", "gold")
    assert refused.exit_code == 2
    assert "--start gold: " in refused.output
    assert "cannot be told apart" in " ".join(refused.output.split())


def test_a_folder_without_teachers_is_said_in_a_line(folder: Path) -> None:
    assert train(folder).output.endswith("no multistyle.safetensors, no examples_*.safetensors\n")
