import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.architecture import KINDS, StyleNetwork
from style_pipeline.stylization.backends.footprint import footprint
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.backends.tiling import (
    statistics_of,
)
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.stylizing import untrained


@pytest.fixture(scope="module", params=[*KINDS, "trained"])
def described(request: pytest.FixtureRequest) -> StyleNetwork:
    """Untrained ones, and a trained one."""
    if request.param == "trained":
        return load_model(next(iter(shipped_styles().values()))).network
    return untrained(request.param, channels=(8, 12, 16), seed=1)


@pytest.fixture(scope="module")
def network(described: StyleNetwork) -> Network:
    return as_network(described)


@pytest.fixture(scope="module")
def style(described: StyleNetwork) -> Tensor:
    return torch.from_numpy(described.style)[None]


def picture(height: int, width: int) -> Tensor:
    """RGB whose large and small things have more contrast on one side than on the other."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 255, (9, 14, 3)).astype(np.uint8)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 1, (height, width, 1)) * np.linspace(0, 40, width)[:, None]
    values = np.clip(np.asarray(smooth, float) + noise, 0, 255) / 255
    return torch.from_numpy(values).float().permute(2, 0, 1)[None]


def radius_of(network: Network) -> int:
    architecture = network.architecture
    return footprint(network, stride=architecture.stride, style_size=architecture.style_size).radius


@torch.inference_mode()
def test_a_pixel_has_a_say_as_far_as_the_radius_and_no_farther(
    network: Network, style: Tensor
) -> None:
    before = picture(200, 200)
    after = before.clone()
    after[..., 100, 100] = 1 - after[..., 100, 100]
    with statistics_of(network, before, style):
        difference = network(after, style) - network(before, style)
        changed = difference.abs().amax((0, 1)).nonzero() - 100
    radius, farthest = radius_of(network), int(changed.abs().max())
    assert radius / 3 < farthest <= radius
