from pathlib import Path

import pytest

from style_pipeline_tests.cli.shell import refusal


@pytest.mark.parametrize(
    "command", [["status"], ["retry", "x"], ["styles"], ["sas", "ink"], ["stylize"]]
)
def test_a_wrong_setting_ends_every_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("STYLE_PIPELINE_CRF", "52")
    said = "STYLE_PIPELINE_CRF='52' should be a whole number from 0 to 51"
    assert refusal(*command) == said


def test_without_an_instance_it_says_where_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    where = "run it where `make dev` runs, or set DAGSTER_HOME"
    assert refusal("status") == f"there is no Dagster instance here: {where}"
