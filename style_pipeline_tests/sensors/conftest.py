from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import AzureContainer
from style_pipeline.sensors.new_styles import new_styles
from style_pipeline_tests.sensors.daemon import Dagster, new_dagster


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        yield instance


@pytest.fixture(params=["folder", "azure"])
def dagster(
    request: pytest.FixtureRequest, instance: dg.DagsterInstance, tmp_path: Path
) -> Dagster:
    if request.param == "folder":
        return new_dagster(instance, Store(url=(tmp_path / "media").as_uri()), tmp_path)
    container: AzureContainer = request.getfixturevalue("azure_container")
    return new_dagster(instance, container.store(), tmp_path)


@pytest.fixture
def studio(dagster: Dagster) -> Dagster:
    """The same for the sensor of paintings; there is a video to learn from."""
    dagster.media.write("videos/brushwork/clip.mp4", b"film")
    return replace(dagster, sensor=new_styles)
