"""A scratch disk that is full: a real one, of a few kilobytes."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_kit.orchestration.failures import RETRIES
from style_pipeline_tests.assets.journey import Journey, failure, retries

ROOM = {"audio": 8, "frames": 8, "styled_frames": 28, "styled_video": 60}
"""Kilobytes in which a step comes far, and not to its end."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "scratch", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    # Undone before the journey's, which the shared fixture `monkeypatch` may not be.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(disk))
        yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_wherever_the_disk_is_full_it_is_told_and_nothing_is_published(
    finished: Journey, disk: Path
) -> None:
    before = finished.contents()
    for asset, kilobytes in ROOM.items():
        subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", str(disk)], check=True)
        result = finished.run(asset, slot=1 if asset == "styled_frames" else None)
        told = failure(result)
        assert "has no room for scratch files" in told or "No space left on device" in told
        assert retries(result) == RETRIES.max_retries
        assert finished.contents() == before
        assert list(disk.iterdir()) == []
