import subprocess
import sys
from pathlib import Path

import pytest
import torch

from style_pipeline.resources import stylizer as stylizer_module
from style_pipeline.resources.stylizer import CannotPaint, Stylizer
from style_pipeline.styles import shipped_styles


@pytest.fixture
def style() -> str:
    return next(iter(shipped_styles()))


def test_the_styles_are_the_shipped_ones() -> None:
    assert Stylizer().styles() == shipped_styles()
    assert "brushwork" in shipped_styles()


@pytest.mark.parametrize("name", shipped_styles())
def test_every_shipped_style_is_loaded_under_its_own_name(name: str) -> None:
    model, engine = Stylizer(device="cpu").load(name)
    assert model.style == name
    assert len(model.sha256) == 64
    assert engine.device_name.startswith("CPU, ")


def test_an_unknown_style_is_named_beside_those_there_are() -> None:
    known = ", ".join(shipped_styles())
    with pytest.raises(CannotPaint) as raised:
        Stylizer().load("cubism")
    assert str(raised.value) == f"there is no style 'cubism': there are {known}"


def test_cuda_without_a_gpu_says_what_to_set(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(CannotPaint) as raised:
        Stylizer(device="cuda").load(style)
    assert str(raised.value) == (
        "STYLE_PIPELINE_DEVICE is cuda, but torch finds no GPU here: set auto or cpu"
    )


def test_auto_without_a_gpu_is_the_cpu(monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    _, engine = Stylizer(device="auto").load(style)
    assert engine.device_name.startswith("CPU, ")


def test_a_damaged_network_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network = tmp_path / "torn.safetensors"
    network.write_bytes(shipped_styles()["brushwork"].read_bytes()[:5000])
    monkeypatch.setattr(stylizer_module, "shipped_styles", lambda: {"torn": network})
    with pytest.raises(CannotPaint, match=r"the network of style 'torn' cannot be used: torn\."):
        Stylizer(device="cpu").load("torn")


def test_the_resource_alone_does_not_import_torch() -> None:
    program = (
        "import sys; from style_pipeline.resources.stylizer import Stylizer; "
        "Stylizer().styles(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
