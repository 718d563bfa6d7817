"""Sites for tests, each with its own folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor_pipeline_tests.site import FAULT, Site, key, new_site, readings_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """One where nothing was dropped yet."""
    with new_site(tmp_path) as site:
        yield site


@pytest.fixture(scope="session")
def scored_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hours that were learned from, and a fourth with `FAULT` that was scored."""
    folder = tmp_path_factory.mktemp("scored")
    with new_site(folder) as site:
        site.drop(readings_of(0, 4, faults=[FAULT]))
        for hour in range(3):
            site.make("readings", key(hour))
        site.fit()
        site.run(3)
    return folder


@pytest.fixture
def scored(scored_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """A copy of that, which a test may change."""
    shutil.copytree(scored_folder, tmp_path / "scored")
    with new_site(tmp_path / "scored") as site:
        yield site
