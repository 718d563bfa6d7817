import pytest
import torch
from torch import Tensor

from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.training.details import STRONGEST, WEAKEST, deviations, matched
from style_pipeline_tests.stylization.stylizing import untrained
from style_pipeline_tests.training.quick import tiny_body, tiny_network

VIEWS = [torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(n)) for n in range(2)]


def body() -> tuple[Network, Tensor]:
    return tiny_network(), torch.from_numpy(tiny_body().styles[0])


def test_a_pattern_is_in_the_band_of_its_size() -> None:
    across = torch.arange(64.0)
    strongest = [
        int(deviations((across // half % 2).expand(1, 3, 64, 64)).argmax()) for half in (1, 8)
    ]
    assert strongest == [0, 2]
    assert torch.equal(deviations(torch.full((1, 3, 64, 64), 0.3)), torch.zeros(3))


@pytest.mark.parametrize("strength", [-0.3, 0.4])
def test_a_style_s_own_picture_gives_its_strengths_back(strength: float) -> None:
    network, style = body()
    place = network.architecture.details
    assert place is not None
    style[place] = 0
    wanted = style.clone()
    wanted[place] = strength
    found = matched(network, style, network(VIEWS[0], wanted[None]), VIEWS[:1])
    assert found[place] == pytest.approx(wanted[place], abs=0.05)
    others = torch.ones_like(style, dtype=torch.bool)
    others[place] = False
    assert torch.equal(found[others], style[others])


@pytest.mark.parametrize(("factor", "limits"), [(0.0, [WEAKEST] * 3), (1e3, [*STRONGEST])])
def test_strengths_stay_within_limits(factor: float, limits: list[float]) -> None:
    network, style = body()
    painting = (factor * (torch.rand(1, 3, 64, 64) - 0.5)).clamp(0, 1)
    found = matched(network, style, painting, VIEWS)
    assert found[network.architecture.details].tolist() == limits


def test_a_network_without_them_is_left_as_it_is() -> None:
    network = untrained("transformer")
    style = torch.from_numpy(network.style)
    assert matched(as_network(network), style, VIEWS[0], VIEWS) is style
