"""What the README has a person type first, run as it stands there, but for the installation."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_kit_tests.waiting import wait_for
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.dagster_dev import PROJECT
from style_pipeline_tests.docs import commands

BIN = Path(sys.executable).parent

pytestmark = [
    pytest.mark.slow,  # the generated clip has 100 frames, and Dagster is started
    pytest.mark.skipif(not (BIN / "style-pipeline").exists(), reason="it is not installed here"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader is who has a video, with what of the project `make` needs."""
    (tmp_path / "deploy/local").mkdir(parents=True)
    for name in ("Makefile", "deploy/local/dagster.yaml", "workspace.yaml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    make_clip(tmp_path / "holiday.mp4")
    return tmp_path


def make(command: str) -> list[str]:
    """A command of the README's, with all that is installed taken from here."""
    assert command in commands("README.md")
    name, *words = command.split()
    return [name, "-o", ".venv/run", f"BIN={BIN}", *words]


@pytest.mark.parametrize(
    ("command", "film"),
    [
        ("make demo", "demo/lake-starry-night.mp4"),
        ("make demo VIDEO=holiday.mp4 STYLE=ink", "holiday-ink.mp4"),
    ],
)
def test_the_demo_says_where_its_film_is(command: str, film: str, folder: Path) -> None:
    done = subprocess.run(make(command), cwd=folder, capture_output=True, text=True, check=True)
    assert film in done.stdout.split()
    assert (folder / film).stat().st_size > 0
    assert (folder / f"{film}.jpg").stat().st_size > 0


def test_a_video_that_is_copied_to_the_folder_of_a_style_becomes_a_film(folder: Path) -> None:
    with (folder / "log").open("wb") as log:
        dev = subprocess.Popen(
            make("make dev"), cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    dropped = folder / "media/videos/starry-night"
    try:
        wait_for("the folder", dropped.is_dir)
        shutil.copy(folder / "holiday.mp4", dropped)
        wait_for("the film", (folder / "media/styled/starry-night/holiday.mp4").is_file)
        assert (folder / "media/styled/starry-night/holiday.mp4.jpg").is_file()
        assert "will not be used" not in (folder / "log").read_text()  # of a dagster.yaml
    finally:
        os.killpg(dev.pid, signal.SIGINT)
        try:
            dev.wait(60)
        finally:
            os.killpg(dev.pid, signal.SIGKILL)
