"""Instances of a test's own, that commands work on."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from style_pipeline_tests.dagster_dev import PROJECT


@contextmanager
def at_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """That of `make dev`, with both stores beside it."""
    home = folder / "home"
    home.mkdir()
    shutil.copy(PROJECT / "deploy/local/dagster.yaml", home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    for name in ("media", "ops"):
        (folder / name).mkdir()
        monkeypatch.setenv(f"STYLE_PIPELINE_{name.upper()}_URL", (folder / name).as_uri())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance
