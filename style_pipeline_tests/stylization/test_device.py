from pathlib import Path

import pytest
import torch

from style_pipeline.stylization import device
from style_pipeline.stylization.device import chosen_device, device_name, has_gpu


@pytest.fixture
def torch_finds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device, "DRIVER", "libno.so.1")
    monkeypatch.setattr(device, "AMD_DRIVER", Path("/no/such"))


def test_without_a_driver_torch_is_not_asked(torch_finds_one: None) -> None:
    assert not has_gpu()
    assert chosen_device("auto") == "cpu"


def test_where_a_driver_can_be_loaded_torch_is_asked(
    torch_finds_one: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "DRIVER", "libc.so.6")
    assert chosen_device("auto") == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert chosen_device("auto") == "cpu"


def test_where_amd_shows_its_driver_torch_is_asked(
    torch_finds_one: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(device, "AMD_DRIVER", tmp_path)
    assert chosen_device("auto") == "cuda"


def test_a_device_that_is_named_is_that() -> None:
    assert [chosen_device(name) for name in ("cpu", "cuda:1")] == ["cpu", "cuda:1"]
    assert device_name("cpu").startswith("CPU, ")
