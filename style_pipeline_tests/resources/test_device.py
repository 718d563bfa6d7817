from pathlib import Path

import pytest
import torch

from pipeline_kit.storage.store import Store
from style_pipeline.resources.material import CannotTrain
from style_pipeline.resources.stylizer import CannotStylize, Stylizer
from style_pipeline.resources.trainer import Trainer

SAID = "^STYLE_PIPELINE_DEVICE is cuda, but torch finds no GPU here: set auto or cpu$"


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(url=tmp_path.as_uri())


def test_nothing_is_painted_on_a_gpu_that_is_not_there(store: Store, tmp_path: Path) -> None:
    with pytest.raises(CannotStylize, match=SAID):
        Stylizer(device="cuda").load(store, models={"ink": "1" * 64}, folder=tmp_path)


def test_nothing_is_trained_on_a_gpu_that_is_not_there(store: Store, tmp_path: Path) -> None:
    painting = tmp_path / "night.jpg"
    with pytest.raises(CannotTrain, match=SAID):
        Trainer(device="cuda").job(store, store, painting=painting, folder=tmp_path, warn=print)
