import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from style_pipeline_tests.assets.journey import Journey, new_journey
from style_pipeline_tests.assets.studio import Studio, new_studio
from style_pipeline_tests.clips import make_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve frames with sound: three chunks."""
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture
def journey(tmp_path: Path, clip: Path) -> Iterator[Journey]:
    """A clip that was just dropped."""
    with new_journey(tmp_path / "journey") as journey:
        journey.drop(clip)
        yield journey


@pytest.fixture
def finished(journey: Journey) -> Journey:
    """A clip that is a film."""
    journey.make_film()
    return journey


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with new_studio(tmp_path / "studio") as studio:
        yield studio


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Pictures this small are painted faster by one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process takes longer to start than these clips take; `sandboxed` has its own tests."""
    for asset in ("audio", "frames"):
        module = importlib.import_module(f"style_pipeline.assets.{asset}")
        monkeypatch.setattr(
            module, "sandboxed", lambda read, *read_from, **how: read(*read_from, **how)
        )
