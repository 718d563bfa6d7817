import numpy as np
import openvino as ov
import pytest
import torch
from PIL import Image

from style_pipeline.styles import shipped_styles
from style_pipeline.stylization import openvino_network
from style_pipeline.stylization.architecture import StyleNetwork
from style_pipeline.stylization.color import LUMA_WEIGHTS, Color, Picture
from style_pipeline.stylization.model_file import load_model
from style_pipeline.stylization.backends.network import ARCHITECTURES, as_module
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.backends.planes import from_rgb
from style_pipeline.stylization.backends.pytorch import Painter
from style_pipeline_tests.stylization.painting import psnr, untrained

BT709 = Color(matrix="bt709", full_range=False)


def picture(width: int, height: int) -> Picture:
    """Planes of a picture with soft and hard edges, in colours that RGB can show."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 255, (7, 9, 3)).astype(np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    rgb = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
    rgb[..., height // 3, :] = 0
    planes: Picture = from_rgb(rgb, BT709, subsampled=not (width % 2 or height % 2))[0].numpy()
    return planes


def by_torch(network: StyleNetwork, given: Picture, color: Color) -> Picture:
    """The reference: PyTorch in float32."""
    painter = Painter(as_module(network), "cpu", 10**9)
    result: Picture = painter.paint(torch.from_numpy(given)[None], color)[0].numpy()
    return result


def by_openvino(network: StyleNetwork, given: Picture, color: Color) -> Picture:
    odd = given.ndim == 3
    size = given.shape[:0:-1] if odd else (given.shape[1], given.shape[0] * 2 // 3)
    return CompiledNetwork(network, size, color, threads=1, memory=10**9).paint(given)


@pytest.fixture
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_network, "best_precision", lambda core: ov.Type.f32)


SIZES = [(64, 48), (62, 46), (18, 50), (130, 94), (63, 47), (15, 4), (2, 90)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_graph_paints_what_the_network_paints(
    architecture: str, size: tuple[int, int], in_float32: None
) -> None:
    given = picture(*size)
    found = by_openvino(untrained(architecture, seed=3).plain(), given, BT709)
    expected = by_torch(untrained(architecture, seed=3).plain(), given, BT709)
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert psnr(found, expected) > 60


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
def test_the_graph_reads_and_writes_colours_as_torch_does(
    matrix: str, full_range: bool, in_float32: None
) -> None:
    color = Color(matrix=matrix, full_range=full_range)
    for size in ((64, 48), (63, 48)):
        given = picture(*size)
        found = by_openvino(untrained("slim", seed=3).plain(), given, color)
        expected = by_torch(untrained("slim", seed=3).plain(), given, color)
        assert np.abs(found.astype(int) - expected).max() <= 1


WIDTH, HEIGHT = 320, 240
ACROSS, DOWN = np.linspace(20, 230, WIDTH)[None], np.linspace(150, 190, HEIGHT)[:, None]
PATCH = np.full((HEIGHT, WIDTH), 128)
PATCH[80:160, 100:200] += 3
LUMA = {"gradient": ACROSS, "sky": DOWN, "nearly flat": PATCH}


@pytest.mark.parametrize("style", ["brushwork", "ink"])
@pytest.mark.parametrize("kind", ["edges", *LUMA])
def test_the_best_precision_is_hard_to_tell_from_float32(kind: str, style: str) -> None:
    given = picture(WIDTH, HEIGHT)
    if kind in LUMA:
        given[:HEIGHT], given[HEIGHT:] = LUMA[kind], 120
    path = shipped_styles()[style]
    found, expected = (
        by(load_model(path).network, given, BT709).astype(int) for by in (by_openvino, by_torch)
    )
    assert psnr(found, expected) > 45
    assert np.abs(found - expected).max() <= 12
    assert abs((found - expected).mean()) < 0.1, "no colour may drift"
