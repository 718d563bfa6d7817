import os
import subprocess
import sys
from pathlib import Path

import pytest

from style_pipeline.cli import main
from style_pipeline_tests.cli.shell import refusal, run
from style_pipeline_tests.dagster_dev import PROJECT

WRONG = {
    "CRF": ("99", "STYLE_PIPELINE_CRF='99' should be a whole number from 0 to 51"),
    "MEDIA_URL": (
        "foo",
        "STYLE_PIPELINE_MEDIA_URL='foo' should be file:///folder or az://account/container",
    ),
}
WORDS = {"sas": ["ink"], "preview": [__file__], "explain": [__file__]}
"""Of commands that want something other than a video."""


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_ends_every_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    value, said = WRONG[name]
    monkeypatch.setenv(f"STYLE_PIPELINE_{name}", value)
    for command in main.commands:
        if command == "doctor":  # which reports it as it reports everything: test_doctor.py
            continue
        answer = run(command, *WORDS.get(command, ["x"] * (command not in ("styles", "clean"))))
        assert (answer.code, answer.out, answer.err) == (2, "", f"Error: {said}\n"), command


def test_what_is_run_without_the_command_line_stops_in_one_line_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STYLE_PIPELINE_CRF=99\n")
    words = {
        "style_pipeline.settings": [],
        "style_pipeline.training": ["fit", "a", "b"],
        "style_pipeline.artworks": ["pictures"],
        "benchmarks.film": [],
    }
    for module, given in words.items():
        done = subprocess.run(
            [sys.executable, "-m", module, *given],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "STYLE_PIPELINE_CRF": "99"},
            capture_output=True,
            text=True,
        )
        assert done.returncode
        assert (done.stdout, done.stderr) == ("", f"Error: {WRONG['CRF'][1]}\n")
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("pipeline", ["style", "sensor", "faq"])
def test_make_dev_looks_at_all_settings_before_it_starts_anything(
    pipeline: str, tmp_path: Path
) -> None:
    recipe = (PROJECT / "Makefile").read_text().partition("\ndev:")[2].partition("\n\n")[0]
    first = recipe.splitlines()[1].strip().removeprefix("@").replace("$$", "$")
    assert first.startswith("for each in")
    (tmp_path / ".env").write_text(f"{pipeline.upper()}_PIPELINE_WEBHOOK_URL=foo\n")
    done = subprocess.run(
        ["sh", "-c", f"{first.replace('$(BIN)/python', sys.executable)}; echo it starts"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    said = f"Error: {pipeline.upper()}_PIPELINE_WEBHOOK_URL: it should read https://host/path\n"
    assert (bool(done.returncode), done.stdout, done.stderr) == (True, "", said)


def test_without_an_instance_it_says_where_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    where = "run it where `make dev` runs, or set DAGSTER_HOME"
    assert refusal("status") == f"there is no Dagster instance here: {where}"
