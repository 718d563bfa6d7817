import openvino as ov
import pytest

from style_pipeline.stylization.backends import openvino_network


@pytest.fixture
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else this CPU computes in."""
    monkeypatch.setattr(openvino_network, "best_precision", lambda core: ov.Type.f32)
