import os
import pty
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
import pytest

from style_pipeline_tests.assets.journey import CLIP
from style_pipeline_tests.cli.shell import imported_by, refusal, run
from style_pipeline_tests.dagster_dev import PROJECT

pytestmark = pytest.mark.usefixtures("at_home")


def test_status_is_a_table_of_all_videos_and_says_with_its_code_that_one_failed(
    home: Path,
) -> None:
    answer = run("status")
    assert answer.code == 1
    header, broken, why, lost, again, done, films = answer.out.splitlines()
    assert header.split() == ["VIDEO", "STATE", "CHUNKS", "TIME", "LEFT"]
    assert broken.split() == ["small/broken.mp4", "failed", "-", "-"]
    assert why.startswith("    frames: broken.mp4 ")
    assert why.endswith("export it again and drop it again")
    assert lost.split() == ["small/lost.mp4", "failed", "1", "of", "2", "-"]
    assert again.endswith("materialize look of this video again")
    assert done.split() == [CLIP.key, "done", "2", "of", "2", "-"]
    assert films == f"films: {home.parent / 'work/media/styled'}"


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colors_are_for_terminals_and_for_those_who_want_them(no_color: str) -> None:
    controller, terminal = pty.openpty()
    status = subprocess.Popen(
        [sys.executable, "-m", "style_pipeline.cli", "status"],
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": no_color},
    )
    os.close(terminal)
    shown = b""
    with open(controller, "rb", buffering=0) as screen, suppress(OSError):  # of Linux: it ended
        while part := screen.read(4096):
            shown += part
    assert status.wait() == 1
    assert b"small/broken.mp4" in shown
    assert (b"\33[31m" in shown) is not bool(no_color)


def test_status_of_one_video_as_json(home: Path) -> None:
    answer = run("status", CLIP.key, "--json")
    assert answer.code == 0
    assert answer.json == [
        {
            "video": CLIP.key,
            "state": "done",
            "chunks": 2,
            "chunks_done": 2,
            "seconds_left": None,
            "film": str(home.parent / "work/media" / CLIP.film("mp4")),
            "reason": None,
            "time": None,
        }
    ]


@pytest.mark.usefixtures("refused")
def test_status_lists_files_that_were_not_taken_and_when_and_why() -> None:
    answer = run("status", "ink/*")
    assert (answer.code, answer.err) == (1, "")
    _, red, _, notes, why = answer.out.splitlines()
    assert red.split()[:2] == ["ink/?[31mred.mp4", "rejected"], "no name colors a terminal"
    assert notes.split()[:4] == ["ink/notes.txt", "rejected", "-", "-"]
    at = datetime(2026, 11, 20, 12, tzinfo=UTC).astimezone()
    assert why == f"    {at:%Y-%m-%d %H:%M}: .txt is no kind of video"


@pytest.mark.usefixtures("refused")
def test_files_that_were_not_taken_are_listed_as_json_too() -> None:
    red, notes = run("status", "ink/*", "--json").json
    assert red["video"] == "ink/\33[31mred.mp4"
    assert (notes["state"], notes["reason"]) == ("rejected", ".txt is no kind of video")
    assert datetime.fromisoformat(notes["time"]) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    videos = run("status", "--json").json
    # Another media store: none of their sources is there.
    assert [video["state"] for video in videos] == ["gone"] * 3 + ["rejected"] * 2
    assert {frozenset(video) for video in videos} == {frozenset(notes)}


def test_status_reads_no_torch(tmp_path: Path) -> None:
    imported = imported_by("status", CLIP.key, "--json", folder=tmp_path)
    assert "dagster" in imported
    assert "torch" not in imported


def test_status_is_shown_again_and_again_until_somebody_interrupts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = []

    def pause() -> None:
        looks.append("pause")
        if len(looks) == 3:
            raise KeyboardInterrupt

    # The command has the name of its module, and hides it.
    monkeypatch.setattr(import_module("style_pipeline.cli.status"), "pause", pause)
    answer = run("status", CLIP.key, "--watch")
    assert answer.code == 0
    assert answer.out.count(CLIP.key) == 3
    monkeypatch.setenv("STYLE_PIPELINE_MEDIA_URL", "file:///none/media")
    monkeypatch.setattr("click.clear", lambda: click.echo("cleared", err=True))
    looks.clear()
    _, note, *_ = run("status", CLIP.key, "--watch").err.splitlines()
    assert note.startswith("files that were not taken"), "on the screen, and not cleared away"
    assert refusal("status", "--watch", "--json") == "--watch is for people: leave out --json"
