from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import AzureContainer


@pytest.fixture
def folder(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "store").as_uri())


@pytest.fixture(params=["folder", "azure", "azure below a prefix"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "folder":
        found: Store = request.getfixturevalue("folder")
        return found
    container: AzureContainer = request.getfixturevalue("azure_container")
    return container.store("some/prefix" if "prefix" in request.param else "")
