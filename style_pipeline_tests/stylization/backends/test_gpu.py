"""What can only be seen where there is a CUDA GPU."""

from collections.abc import Iterable

import numpy as np
import pytest
import torch

from style_pipeline.styles import shipped_styles
from style_pipeline.stylization import torch_painter
from style_pipeline.stylization.color import Picture
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.painting import pictures, psnr

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")


def paint(given: Iterable[Picture], size: tuple[int, int], engine: Engine) -> list[Picture]:
    return list(engine.style(given, size=size, matrix="bt709", full_range=False))


def engine(device: str, max_pixels: int | None = None) -> Engine:
    network = load_model(shipped_styles()["ink"]).network
    return Engine(network, device=device, max_pixels=max_pixels)


@pytest.mark.parametrize("size", [(320, 240), (322, 242), (63, 47)], ids=str)
@pytest.mark.parametrize("max_pixels", [None, 256 * 256])
def test_a_gpu_paints_what_a_cpu_paints_in_the_same_order(
    size: tuple[int, int], max_pixels: int | None
) -> None:
    given = pictures(*size, count=20)
    on_gpu = engine("cuda", max_pixels)
    found, expected = (
        np.stack(paint(given, size, by)).astype(int) for by in (on_gpu, engine("cpu", max_pixels))
    )
    assert min(map(psnr, found, expected)) > 40
    assert on_gpu.gpu_seconds
    again = np.stack(paint(given, size, on_gpu))
    assert np.abs(again - found).max() <= 1


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_a_graph_that_does_not_fit_gives_way_to_tiles(
    monkeypatch: pytest.MonkeyPatch, error: type[RuntimeError]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error("CUDA error: out of memory")

    size = (640, 480)
    given = pictures(*size)
    whole = np.stack(paint(given, size, engine("cuda"))).astype(int)
    monkeypatch.setattr(torch_painter, "GraphedNetwork", full)
    tiled = np.stack(paint(given, size, engine("cuda")))
    assert np.abs(whole - tiled).mean() < 8
