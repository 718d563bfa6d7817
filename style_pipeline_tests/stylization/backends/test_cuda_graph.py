"""What can only be seen where there is a CUDA GPU."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from style_pipeline.styles import former_networks
from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.backends import pytorch
from style_pipeline.stylization.backends.cuda_graph import GraphedNetwork
from style_pipeline.stylization.color import Picture
from style_pipeline.stylization.engine import Engine
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.stylizing import pictures, psnr, random_style, untrained

pytestmark = pytest.mark.gpu


@pytest.fixture(params=["former", "body"])
def network(request: pytest.FixtureRequest) -> StyleNetwork:
    """That of a style of version 0.1, and an untrained body."""
    if request.param == "body":
        return untrained("body", channels=(32, 48, 16), residual_blocks=5)
    return load_model(former_networks()["ink"]).network


def stylize(
    engine: Engine,
    given: Iterable[Picture],
    styles: Vector | Sequence[Vector],
    size: tuple[int, int],
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    made = engine.style(given, styles, size=size, matrix="bt709", full_range=False)
    return np.stack(list(made)).astype(int)


@pytest.mark.parametrize("size", [(320, 240), (322, 242), (63, 47)], ids=str)
@pytest.mark.parametrize("max_pixels", [None, 256 * 256])
def test_a_gpu_gives_what_a_cpu_gives_in_the_same_order(
    network: StyleNetwork, size: tuple[int, int], max_pixels: int | None
) -> None:
    given = pictures(*size, count=20)
    on_gpu, on_cpu = (
        Engine.load(network, device=device, max_pixels=max_pixels) for device in ("cuda", "cpu")
    )
    found, expected = (stylize(by, given, network.style, size) for by in (on_gpu, on_cpu))
    assert min(map(psnr, found, expected)) > 40
    assert on_gpu.gpu_seconds
    assert np.abs(stylize(on_gpu, given, network.style, size) - found).max() <= 1


def test_a_style_is_an_input_of_the_graph(
    network: StyleNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured: list[object] = []
    capture = GraphedNetwork.__init__

    def counted(self: GraphedNetwork, *given: Any, **options: Any) -> None:
        captured.append(self)
        capture(self, *given, **options)

    monkeypatch.setattr(GraphedNetwork, "__init__", counted)
    size = (320, 240)
    given = pictures(*size, count=12)
    styles = [random_style(network.architecture, seed=seed) for seed in range(12)]
    on_gpu, on_cpu = (Engine.load(network, device=device) for device in ("cuda", "cpu"))
    found, expected = (stylize(by, given, styles, size) for by in (on_gpu, on_cpu))
    assert min(map(psnr, found, expected)) > 40
    stylize(on_gpu, given, styles[::-1], size)
    assert len(captured) == 1


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_a_graph_that_does_not_fit_gives_way_to_tiles(
    network: StyleNetwork, monkeypatch: pytest.MonkeyPatch, error: type[RuntimeError]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error("CUDA error: out of memory")

    size = (640, 480)
    given = pictures(*size)
    whole = stylize(Engine.load(network, device="cuda"), given, network.style, size)
    monkeypatch.setattr(pytorch, "GraphedNetwork", full)
    tiled = stylize(Engine.load(network, device="cuda"), given, network.style, size)
    assert np.abs(whole - tiled).mean() < 8
