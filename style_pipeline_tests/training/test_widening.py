"""A larger body begins with what a smaller one has learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from style_pipeline.styles import BODY
from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.backends.network import Network, as_network
from style_pipeline.stylization.model_file import Body, load_body
from style_pipeline.training.resampling import without_aliasing
from style_pipeline.training.widening import widened


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body(BODY)


@pytest.mark.parametrize(("channels", "blocks"), [((48, 96, 24), 6), ((64, 96, 16), 5)])
def test_a_widened_body_stylizes_as_the_one_that_it_began_with(
    body: Body, channels: tuple[int, int, int], blocks: int
) -> None:
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    larger = widened(body, Architecture("body", channels, blocks))
    network = Network(larger.architecture)
    network.layers.load_state_dict({k: torch.from_numpy(v) for k, v in larger.weights.items()})
    without_aliasing(network)  # as a training has it: the kernels that it may have hold the copy
    for known, new in zip(body.styles[::20], larger.styles[::20], strict=True):
        wanted = as_network(body.network(known))(picture, torch.from_numpy(known[None]))
        with torch.no_grad():
            found = network(picture, torch.from_numpy(new[None]))
        torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0)


def test_copies_of_a_channel_are_not_read_alike_so_that_they_can_learn_to_differ(
    body: Body,
) -> None:
    larger = widened(body, Architecture("body", (64, 96, 32), 5))
    kernel = larger.weights["residual.0.first.conv.weight"]
    assert not np.allclose(kernel[:, :48], kernel[:, 48:])


def test_styles_keep_their_brushing(body: Body) -> None:
    styles = body.styles.copy()
    styles[:, body.architecture.brushing] = 0.5
    larger = widened(replace(body, styles=styles), Architecture("body", (48, 96, 24), 6))
    assert set(larger.styles[:, larger.architecture.brushing].ravel()) == {0.5}


def test_a_body_of_the_same_size_is_itself_even_if_its_layers_are_of_equal_width(
    body: Body,
) -> None:
    equal = replace(body, architecture=Architecture("body", (48, 48, 16), 5))
    for each in (body, equal):
        assert widened(each, each.architecture) is each


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        (Architecture("body", (24, 96, 24), 6), "is smaller than"),
        (Architecture("transformer", (48, 96, 96), 6), "only a body"),
    ],
)
def test_what_a_body_cannot_become_is_refused(
    body: Body, architecture: Architecture, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        widened(body, architecture)


def test_a_body_whose_layers_are_of_equal_width_is_refused(body: Body) -> None:
    equal = replace(body, architecture=Architecture("body", (48, 48, 16), 5))
    with pytest.raises(ValueError, match="equal width"):
        widened(equal, Architecture("body", (96, 96, 32), 5))
