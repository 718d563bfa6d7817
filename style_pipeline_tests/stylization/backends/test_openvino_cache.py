import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from style_pipeline.stylization.backends import openvino_cache
from style_pipeline.stylization.backends.openvino_cache import forget_oldest
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline_tests.stylization.stylizing import BT709, untrained


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache for three files of 100 bytes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(openvino_cache, "MOST_BYTES", 300)
    found = tmp_path / openvino_cache.FOLDER
    found.mkdir(parents=True)
    return found


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_was_used_last_stays(folder: Path) -> None:
    for day, name in enumerate("abcde"):
        path = folder / f"{name}.blob"
        path.write_bytes(bytes(100))
        os.utime(path, (86400 * day, 0))
    os.utime(folder / "a.blob", (86400 * 9, 0))
    forget_oldest(folder)
    assert names(folder) == {"a.blob", "d.blob", "e.blob"}


def compiled() -> CompiledNetwork:
    return CompiledNetwork(untrained(), (64, 48), BT709, threads=1, memory=10**9)


def test_what_is_compiled_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled()
    assert names(folder) == {"lock"}
    monkeypatch.setattr(openvino_cache, "MOST_BYTES", 10**9)
    compiled()
    assert len(names(folder)) > 1


COMPILE = """
from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.color import Color
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.model_file import load_model
network = load_model(shipped_styles()["ink"]).network
color = Color(matrix="bt709", full_range=False)
CompiledNetwork(network, (64, 48), color, threads=1, memory=10**9)
"""


def test_what_is_compiled_serves_later_processes(folder: Path) -> None:
    kept = []
    for _ in range(2):
        subprocess.run([sys.executable, "-c", COMPILE], check=True)
        kept.append(names(folder))
    assert kept[0] == kept[1] != {"lock"}


def test_one_at_a_time_reads_and_writes_what_is_kept(folder: Path) -> None:
    with (folder / "lock").open("w") as another:
        with openvino_cache.compile_cache(), pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_without_a_place_to_write_networks_are_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiled().at_once == 1
