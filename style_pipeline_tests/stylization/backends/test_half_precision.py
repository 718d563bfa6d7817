import copy

import pytest
import torch
from torch import Tensor

from style_pipeline.styles import former_networks, shipped_styles
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.model_file import load_model
from style_pipeline_tests.stylization.stylizing import psnr, untrained

ACROSS = torch.linspace(0, 1, 320).expand(1, 3, 240, 320)
PICTURES = {"gradient": ACROSS, "dark gradient": ACROSS * 0.1, "noise": torch.rand(1, 3, 240, 320)}


def network_and_style(name: str) -> tuple[Network, Tensor]:
    """A shipped style's, that of version 0.1, or an untrained body."""
    files = {**shipped_styles(), "former ink": former_networks()["ink"]}
    network = untrained(name) if name == "body" else load_model(files[name]).network
    return as_network(network), torch.from_numpy(network.style)[None]


@torch.inference_mode()
@pytest.mark.parametrize("name", ["starry-night", "former ink", "body"])
@pytest.mark.parametrize("kind", PICTURES)
def test_half_precision_is_hard_to_tell_from_float32(kind: str, name: str) -> None:
    network, style = network_and_style(name)
    given = PICTURES[kind].contiguous(memory_format=torch.channels_last)
    expected = network(given, style)
    halved = copy.deepcopy(network)
    halved.compute_in(torch.float16)
    assert {p.dtype for p in halved.parameters()} == {torch.float32, torch.float16}
    assert psnr(halved(given, style).numpy(), expected.numpy(), peak=1) > 50


@torch.inference_mode()
def test_a_gradient_needs_a_first_layer_in_float32() -> None:
    network, style = network_and_style("former ink")
    expected = network(ACROSS, style)
    network.compute_in(torch.float16)
    found = network.half()(ACROSS.half(), style)
    assert psnr(found.numpy(), expected.numpy(), peak=1) < 40
