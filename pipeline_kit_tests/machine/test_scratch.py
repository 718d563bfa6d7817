import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline_kit.machine.scratch import PREFIX, scratch

PROGRAM = """
from pipeline_kit.machine.scratch import scratch
with scratch() as folder:
    (folder / "film.mp4").write_bytes(b"half of it")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def tmpdir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@contextmanager
def worker() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that works in a scratch folder until it is told something."""
    words = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process, Path(process.stdout.readline().strip())


def test_a_folder_is_gone_when_its_work_is_done(tmpdir: Path) -> None:
    with scratch() as folder:
        assert folder.parent == tmpdir
        (folder / "film.mp4").write_bytes(b"a film")
    assert not [*tmpdir.iterdir()]


def test_what_a_killed_process_left_is_removed_when_the_next_begins(tmpdir: Path) -> None:
    with worker() as (process, left):
        process.kill()
    assert (left / "film.mp4").exists()
    with scratch() as folder:
        assert [*tmpdir.iterdir()] == [folder]


def test_nobody_loses_the_folder_that_is_worked_in(tmpdir: Path) -> None:
    with worker() as (_, other), scratch() as own, scratch() as inner:
        assert (other / "film.mp4").exists()
        assert own.exists()
        assert inner.exists()
    assert not [*tmpdir.iterdir()]


def test_what_is_only_begun_or_was_locked_by_others_is_left_alone(tmpdir: Path) -> None:
    for name in (f"{PREFIX}begun", f"{PREFIX}other"):
        (tmpdir / name).mkdir()
    (tmpdir / f"{PREFIX}other/.lock").touch()
    with scratch():
        pass
    assert {path.name for path in tmpdir.iterdir()} == {f"{PREFIX}begun", f"{PREFIX}other"}
