from itertools import pairwise

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from style_pipeline.stylization.architecture import KINDS, Architecture
from style_pipeline.stylization.backends.network import Network


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
def test_multiply_adds_are_those_that_pytorch_counts(kind: str) -> None:
    architecture = Architecture(kind, (4, 8, 12), 2)
    with FlopCounterMode(display=False) as counter:
        Network(architecture)(torch.rand(1, 3, 64, 64), torch.ones(1, architecture.style_size))
    assert counter.get_total_flops() == 2 * 64**2 * architecture.multiply_adds


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_a_style_has_one_place(kind: str, blocks: int) -> None:
    architecture = Architecture(kind, (4, 8, 12), blocks)
    places = [
        place
        for norm in architecture.layers.normalizations.values()
        for place in (norm.scales, norm.shifts)
    ]
    if architecture.details:
        places.append(architecture.details)
    places.append(architecture.brushing)
    assert places[0].start == 0
    assert all(before.stop == after.start for before, after in pairwise(places))
    assert places[-1].stop == architecture.style_size
    *_, last = architecture.layers.normalizations.values()
    assert (architecture.last_scales, architecture.last_shifts) == (last.scales, last.shifts)
    assert bool(architecture.details) == (kind == "body")
    assert architecture.brushing.stop - architecture.brushing.start == (kind == "body")
