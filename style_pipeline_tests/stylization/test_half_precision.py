import copy

import pytest
import torch

from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.model_file import load_model
from style_pipeline.stylization.backends.network import as_module, fold_upsampling
from style_pipeline_tests.stylization.painting import psnr

ACROSS = torch.linspace(0, 1, 320).expand(1, 3, 240, 320)
PICTURES = {"gradient": ACROSS, "dark gradient": ACROSS * 0.1, "noise": torch.rand(1, 3, 240, 320)}


@torch.inference_mode()
@pytest.mark.parametrize("style", ["brushwork", "ink"])
@pytest.mark.parametrize("kind", PICTURES)
def test_half_precision_is_hard_to_tell_from_float32(kind: str, style: str) -> None:
    network = as_module(load_model(shipped_styles()[style]).network)
    fold_upsampling(network)
    given = PICTURES[kind].contiguous(memory_format=torch.channels_last)
    expected = network(given)
    halved = copy.deepcopy(network)
    halved.compute_in(torch.float16)
    found = halved(given)
    assert found.dtype == torch.float16
    assert psnr(found.numpy(), expected.numpy(), peak=1) > 50


@torch.inference_mode()
def test_a_gradient_needs_a_first_layer_in_float32() -> None:
    network = as_module(load_model(shipped_styles()["ink"]).network)
    expected = network(ACROSS)
    found = network.half()(ACROSS.half())
    assert psnr(found.numpy(), expected.numpy(), peak=1) < 40
