from pathlib import Path
from typing import Any

import pytest
import torch

from style_pipeline.resources import dropped_network
from style_pipeline.resources.dropped_network import convert_network
from style_pipeline.resources.material import UnusablePainting
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.published import state_dict


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(function: Any, path: Path) -> Any:
        return function(path)

    monkeypatch.setattr(dropped_network, "confined", read)


def test_a_network_becomes_a_model_file_of_its_style(tmp_path: Path) -> None:
    torch.save(state_dict(), tmp_path / "wave.pth")
    sha256 = convert_network(tmp_path / "wave.pth", tmp_path / "model", style="wave")
    found = load_model(tmp_path / "model")
    assert (found.style, found.sha256) == ("wave", sha256)


def test_what_is_no_such_network_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "wave.pth").write_bytes(b"this is no network")
    with pytest.raises(UnusablePainting, match=r"again, and drop it again$"):
        convert_network(tmp_path / "wave.pth", tmp_path / "model", style="wave")
    assert not (tmp_path / "model").exists()
