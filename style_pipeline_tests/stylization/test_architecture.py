from typing import Any

import pytest
import torch

from style_pipeline.styles import FINE_BODY
from style_pipeline.stylization.architecture import Architecture, missing_pixels
from style_pipeline.stylization.model_file import load_body

BODY = Architecture("body", (32, 48, 16), 5)
TRANSFORMER = Architecture("transformer", (32, 64, 128), 5)


def test_a_body_costs_what_a_cpu_can_pay() -> None:
    assert BODY.multiply_adds == 17_274 <= 21_000
    assert load_body(FINE_BODY).architecture.multiply_adds == 73_566


def test_the_reference_network_has_the_size_of_the_literature() -> None:
    weights = sum(torch.Size(shape).numel() for shape in TRANSFORMER.layers.shapes.values())
    assert weights == 1_674_432 + 3  # biases of the last layer
    assert TRANSFORMER.style_size == 2 * (32 + 64 + 128 + 10 * 128 + 64 + 32)


def test_the_multistyle_network_has_the_size_that_was_published() -> None:
    multistyle = Architecture("multistyle", (32, 8, 4), 6)
    assert multistyle.multiply_adds == 19_404
    assert multistyle.style_size == 990


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("diffusion", (4, 8, 8), 1), "unknown architecture 'diffusion', expected body, slim"),
        (("slim", (4, 8), 1), r"impossible architecture: channels = \(4, 8\), blocks = 1"),
        (("slim", (4, 8, 2000), 1), "impossible architecture"),
        (("slim", (4, 8, 8.5), 1), "impossible architecture"),
        (("slim", "444", 1), "impossible architecture"),
        (("slim", (4, 8, 8), -1), "impossible architecture"),
        (("slim", (4, 8, 8), 65), "impossible architecture"),
    ],
)
def test_what_is_no_architecture_is_refused(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Architecture(*given)


@pytest.mark.parametrize(
    ("side", "stride", "missing"), [(64, 4, 0), (62, 4, 2), (1, 4, 15), (16, 8, 0), (33, 32, 31)]
)
def test_pictures_are_extended_to_what_a_network_takes(
    side: int, stride: int, missing: int
) -> None:
    assert missing_pixels(side, stride) == missing
