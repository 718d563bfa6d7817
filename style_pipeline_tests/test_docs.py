"""Examples of the docs are run, and what the docs point at is there."""

import re
import shlex
import subprocess
from collections.abc import Iterable
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from pipeline_kit.execution.pods import Pod
from pipeline_kit.orchestration.notifications import NotificationSettings
from pipeline_kit.settings import Setting
from pipeline_kit.storage.settings import StoreSettings
from style_pipeline.cli import main
from style_pipeline.look.style_toml import Settings, parse_settings
from style_pipeline.settings import (
    PREFIX,
    STORES,
    PipelineSettings,
    load_settings,
    notification_settings,
    setting_names,
    store_settings,
)
from style_pipeline_tests.assets.studio import picture
from style_pipeline_tests.cli.shell import run as style_pipeline
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.dagster_dev import PROJECT
from style_pipeline_tests.docs import DOCS, blocks, commands, text
from style_pipeline_tests.runs import remember_read


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader is, who has a video, a painting, and an instance with a lost chunk."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", "")
    make_clip(tmp_path / "holiday.mp4", frames=2)
    (tmp_path / "painting.jpg").write_bytes(picture(1, kind="JPEG"))
    (tmp_path / ".dagster").mkdir()
    (tmp_path / ".dagster/dagster.yaml").touch()
    with dg.DagsterInstance.from_config(str(tmp_path / ".dagster")) as instance:
        remember_read(instance, "ink/holiday.mp4", chunks=1)
    return tmp_path


def test_the_tutorial_s_commands_do_what_it_says(folder: Path) -> None:
    said = {}
    for command in commands("docs/tutorial.md"):
        name, *words = shlex.split(command)
        if name == "style-pipeline":
            answer = style_pipeline(*words)
            assert answer.code == 0, (command, answer)
            said[command] = answer.out
        elif name in ("cp", "mkdir"):
            subprocess.run([name, *words], check=True)
    assert (folder / "holiday-ink.mp4").is_file()
    assert (folder / "media/videos/ink/holiday.mp4").is_file()
    assert re.search(r"^night +- +not trained yet", said["style-pipeline styles"], re.MULTILINE)
    assert "ink/holiday.mp4  waiting  0 of 1" in said["style-pipeline status"]
    assert said["style-pipeline retry ink/holiday.mp4 --dry-run"] == (
        "ink/holiday.mp4: would make styled_frames 000\n"
    )
    assert "makes styled_frames 000" in said["style-pipeline retry ink/holiday.mp4"]


@pytest.mark.parametrize(
    "command",
    sorted({line for doc in DOCS for line in commands(doc) if line.startswith("make ")}),
)
def test_make_knows_what_the_docs_tell_it(command: str) -> None:
    shown = ["make", "--dry-run", *command.split()[1:]]
    assert subprocess.run(shown, cwd=PROJECT, capture_output=True).returncode == 0


def test_every_example_is_of_a_kind_that_is_tried() -> None:
    for doc in DOCS:
        for line in commands(doc):
            assert re.match(r"make |style-pipeline |cp |mkdir |\. \.venv", line), line
        languages = set(re.findall(r"^```(\w+)", text(doc), re.MULTILINE))
        assert languages <= {"sh", "toml"}, doc


@pytest.mark.parametrize("doc", DOCS)
def test_commands_that_are_named_exist(doc: str) -> None:
    for name in re.findall(r"(?:^|[`/])style-pipeline (\w+)", text(doc), re.MULTILINE):
        assert name in main.commands, name


def test_settings_of_the_docs_can_be_set() -> None:
    found = [block for doc in DOCS for block in blocks(doc, "toml")]
    assert found
    for block in found:
        assert parse_settings(block.encode(), name="docs") != Settings()


@pytest.mark.parametrize(
    "doc",
    sorted(
        str(p.relative_to(PROJECT)) for p in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"))
    ),
)
def test_links_and_pictures_are_there(doc: str) -> None:
    place = (PROJECT / doc).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", text(doc)):
        if not re.match(r"[a-z]+:", target):
            file, _, heading = target.partition("#")
            there = place / file if file else PROJECT / doc
            assert there.exists(), target
            if heading:
                titles = re.findall(r"^#+ (.*)", there.read_text(), re.MULTILINE)
                assert heading in {
                    re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles
                }


def test_files_that_the_architecture_names_are_there() -> None:
    named = re.findall(r"`([a-z_]+/(?:[a-z_]+\.py)?|[a-z_]+\.py)`", text("docs/architecture.md"))
    assert len(named) > 20
    for name in named:
        assert any(
            (root / name).exists()
            for root in (
                PROJECT,
                *(path for path in PROJECT.iterdir() if (path / "__init__.py").is_file()),
            )
        ), name


def test_every_threat_names_a_test_that_is_there() -> None:
    there: set[str] = set()
    for tests in PROJECT.glob("*_tests"):
        for path in tests.rglob("test_*.py"):
            there |= {str(path.relative_to(tests)), path.name}
            there |= set(re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE))
    stopped = text("docs/security.md").partition("## What is stopped")[2].partition("\n## ")[0]
    threats = [line.split("|")[1:-1] for line in stopped.splitlines() if line.startswith("| ")][1:]
    assert len(threats) > 15
    for threat, _, shown_by in threats:
        named = re.findall(r"`((?:\w+/)*test_\w+(?:\.py)?)`", shown_by)
        assert named, threat
        assert set(named) <= there, threat


STORES_ROW = "STYLE_PIPELINE_{MEDIA,OPS,LOGS}_"


def rows(settings: Iterable[Setting]) -> list[str]:
    """What the table in the README should say."""
    return [
        f"| `{setting.name}` | {shown(setting.default)} | {setting.description} |"
        for setting in settings
    ]


def shown(default: object) -> str:
    if isinstance(default, Pod):
        return "see there"
    text = default.get_secret_value() if isinstance(default, SecretStr) else default
    return "" if text in ("", None) else f"`{text}`"


def test_the_readme_has_a_table_of_every_setting_with_its_default_and_meaning() -> None:
    table = text("README.md").partition("| setting | default | meaning |")[2].partition("\n\n")[0]
    assert table.splitlines()[2:] == rows(
        [
            *StoreSettings.documented(STORES_ROW),
            *PipelineSettings.documented(PREFIX),
            *NotificationSettings.documented(PREFIX),
        ]
    )


def test_the_example_file_shows_every_setting_once_and_no_other() -> None:
    shown = re.findall(rf"^#({PREFIX}\w+)=", text(".env.example"), re.MULTILINE)
    assert sorted(shown) == sorted(setting_names())


def test_what_the_example_file_shows_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in text(".env.example").splitlines():
        if line.startswith(f"#{PREFIX}"):
            name, _, value = line.removeprefix("#").partition("=")
            monkeypatch.setenv(name, value.strip("'"))
    load_settings()
    assert notification_settings().notifier()
    for name in STORES:
        store_settings(name)
