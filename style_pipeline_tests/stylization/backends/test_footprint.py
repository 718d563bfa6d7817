import torch
from torch import Tensor

from style_pipeline.stylization.backends.network import Network
from style_pipeline.stylization.backends.tiling import (
    statistics_of,
)
from style_pipeline_tests.stylization.backends.pictures import picture, radius_of


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
