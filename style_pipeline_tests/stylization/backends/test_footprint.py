import pytest
import torch
from torch import Tensor

from style_pipeline.styles import BODY_OF
from style_pipeline.stylization.backends.network import Network
from style_pipeline.stylization.backends.tiling import statistics_of
from style_pipeline.stylization.model_file import load_body
from style_pipeline_tests.stylization.backends.pictures import footprint_of, picture


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
    radius, farthest = footprint_of(network).radius, int(changed.abs().max())
    assert radius / 3 < farthest <= radius


def test_a_larger_body_sees_farther_and_needs_more_memory() -> None:
    bodies = map(load_body, BODY_OF.values())
    standard, fine = (footprint_of(Network(body.architecture)) for body in bodies)
    assert fine.radius > standard.radius
    half = 48 / 32  # of the channels at half resolution, which are the largest layer
    assert fine.values == pytest.approx(half * standard.values, rel=0.1)
    assert fine.bytes_per_pixel(torch.float16) < fine.bytes_per_pixel(torch.float32)
