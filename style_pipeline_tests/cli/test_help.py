import re
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from style_pipeline.cli import main
from style_pipeline_tests.cli.shell import imported_by, run
from style_pipeline_tests.dagster_dev import PROJECT


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_a_line_for_the_list_and_examples(name: str) -> None:
    command = main.commands[name]
    assert command.help
    assert "Examples:\n" in (command.epilog or "")
    assert f"style-pipeline {name}" in (command.epilog or "")
    assert name in run("--help").out


def test_every_command_that_reports_can_do_so_in_json() -> None:
    for command in main.commands.values():
        assert "--json" in {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("name", sorted(main.commands))
def test_examples_use_options_that_there_are(name: str) -> None:
    command = main.commands[name]
    known = {option for param in command.params for option in param.opts}
    for example in re.findall(rf"style-pipeline {name}([^|\n)]*)", command.epilog or ""):
        assert set(re.findall(r"(?<=\s)--?[a-z][\w-]*", example)) <= known, example


def test_exit_codes_are_documented() -> None:
    codes = run("--help").out.partition("Exit codes:")[2]
    assert [line.split()[0] for line in codes.strip().splitlines()] == ["0", "1", "2"]
    assert run("no-such-command").code == click.UsageError.exit_code == 2


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (("stylize", "--help"), {"torch", "dagster", "av", "obstore", "numpy"}),
        (("doctor", "--json"), {"torch", "kubernetes", "openvino", "matplotlib"}),
    ],
    ids=["help", "doctor"],
)
def test_what_is_quick_imports_nothing_heavy(
    words: tuple[str, ...], heavy: set[str], tmp_path: Path
) -> None:
    assert not heavy & imported_by(*words, folder=tmp_path, PATH="", DAGSTER_HOME="")


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").out == f"style-pipeline {version('style_pipeline')}\n"


def test_shells_can_complete_commands_as_the_readme_says() -> None:
    words = re.findall(r"_STYLE_PIPELINE_COMPLETE=(\w+)", (PROJECT / "README.md").read_text())
    assert {word.removesuffix("_source") for word in words} == {"bash", "zsh", "fish"}
    for word in words:
        script = CliRunner().invoke(
            main, env={"_STYLE_PIPELINE_COMPLETE": word}, prog_name="style-pipeline"
        )
        assert "style-pipeline" in script.output
        assert "COMP" in script.output
