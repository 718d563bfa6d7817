from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from style_pipeline.styles import former_networks, shipped_styles
from style_pipeline.stylization.architecture import KINDS, StyleNetwork
from style_pipeline.stylization.backends.openvino_network import CompiledNetwork
from style_pipeline.stylization.backends.planes import from_rgb
from style_pipeline.stylization.backends.pytorch import PyTorchBackend
from style_pipeline.stylization.color import LUMA_WEIGHTS, Color, Picture
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.stylizing import BT709, difference, psnr, untrained

Interpreter = Callable[[StyleNetwork, Picture, Color], Picture]


def picture(width: int, height: int) -> Picture:
    """Planes of a picture with soft and hard edges, in colors that RGB can show."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 255, (7, 9, 3)).astype(np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    rgb = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
    rgb[..., height // 3, :] = 0
    planes: Picture = from_rgb(rgb, BT709, subsampled=not (width % 2 or height % 2))[0].numpy()
    return planes


def size_of(given: Picture) -> tuple[int, int]:
    if given.ndim == 3:
        return given.shape[2], given.shape[1]
    return given.shape[1], given.shape[0] * 2 // 3


def by_torch(network: StyleNetwork, given: Picture, color: Color) -> Picture:
    """The reference: PyTorch in float32."""
    stylize, _ = PyTorchBackend.load(network, "cpu", 10**9).prepare(size_of(given), color)
    return stylize(given, network.style)


def by_openvino(network: StyleNetwork, given: Picture, color: Color) -> Picture:
    compiled = CompiledNetwork(network, size_of(given), color, threads=1, memory=10**9)
    return compiled.stylize(given, network.style)


SIZES = [(64, 48), (62, 46), (18, 50), (130, 94), (63, 47), (15, 4), (2, 90)]


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_the_graph_gives_what_the_module_gives(kind: str, size: tuple[int, int]) -> None:
    network = untrained(kind, channels=(8, 12, 16), seed=3)
    given = picture(*size)
    found, expected = (by(network, given, BT709) for by in (by_openvino, by_torch))
    assert difference(found, expected) <= 1
    assert psnr(found, expected) > 60


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
def test_the_graph_reads_and_writes_colors_as_torch_does(matrix: str, full_range: bool) -> None:
    color = Color(matrix=matrix, full_range=full_range)
    network = untrained(seed=3)
    for size in ((64, 48), (63, 48)):
        given = picture(*size)
        found, expected = (by(network, given, color) for by in (by_openvino, by_torch))
        assert difference(found, expected) <= 1


WIDTH, HEIGHT = 320, 240
ACROSS, DOWN = np.linspace(20, 230, WIDTH)[None], np.linspace(150, 190, HEIGHT)[:, None]
PATCH = np.full((HEIGHT, WIDTH), 128)
PATCH[80:160, 100:200] += 3
LUMA = {"gradient": ACROSS, "sky": DOWN, "nearly flat": PATCH}


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(shipped_styles()["starry-night"], id="starry-night"),
        pytest.param(former_networks()["ink"], id="former ink"),
    ],
)
@pytest.mark.parametrize("kind", ["edges", *LUMA])
def test_the_best_precision_is_hard_to_tell_from_float32(kind: str, file: Path) -> None:
    given = picture(WIDTH, HEIGHT)
    if kind in LUMA:
        given[:HEIGHT], given[HEIGHT:] = LUMA[kind], 120
    network = load_model(file).network
    found, expected = (by(network, given, BT709).astype(int) for by in (by_openvino, by_torch))
    assert psnr(found, expected) > 45
    assert np.abs(found - expected).max() <= 12
    assert abs((found - expected).mean()) < 0.1, "no color may drift"


def nearly_flat(noise: float) -> Picture:
    rng = np.random.default_rng(2)
    planes = np.concatenate([np.full((48, 64), 90), np.full((24, 64), 120)])
    return np.rint(planes + rng.normal(0, noise, planes.shape)).clip(0, 255).astype(np.uint8)


def luma_deviation(by: Interpreter, network: StyleNetwork, noise: float) -> float:
    return float(by(network, nearly_flat(noise), BT709)[:48].std())


@pytest.mark.parametrize("by", [by_openvino, by_torch])
def test_a_body_keeps_what_is_nearly_of_one_color_quiet(by: Interpreter) -> None:
    body = untrained("body")
    assert luma_deviation(by, body, noise=0) == 0
    assert luma_deviation(by, body, noise=0.5) < 7
    assert luma_deviation(by, body, noise=20) > 20
    assert luma_deviation(by, untrained("multistyle"), noise=0.5) > 20, "others amplify noise"


@pytest.mark.parametrize("by", [by_openvino, by_torch])
def test_one_color_becomes_the_one_that_the_style_says(by: Interpreter) -> None:
    network = untrained("body")
    color = torch.from_numpy(network.style[network.architecture.last_shifts]).sigmoid()
    expected = from_rgb(color[None, :, None, None].expand(1, 3, 48, 64), BT709, subsampled=True)
    assert difference(by(network, nearly_flat(0), BT709), expected[0].numpy()) <= 1
