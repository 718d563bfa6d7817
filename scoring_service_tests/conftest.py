"""A store with a published FAQ, and a service that answers from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from scoring_service_tests.serving import Asked, color_network, publish


@pytest.fixture(scope="session")
def published_ops(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """With one matcher."""
    folder = tmp_path_factory.mktemp("published")
    ops = Store(url=(folder / "ops").as_uri())
    publish(ops, folder)
    return ops


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of colors."""
    return color_network(tmp_path_factory.mktemp("networks") / "colors.onnx")


@pytest.fixture(scope="session")
def asked(published_ops: Store, network: Path) -> Iterator[Asked]:
    """A service that is ready, on this machine, without keys."""
    asked = Asked(published_ops, classifiers=f"colors={network}", requests_per_second=0).ready()
    yield asked
    asked.service.classifiers.close()
