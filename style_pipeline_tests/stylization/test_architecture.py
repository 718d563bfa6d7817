from typing import Any

import pytest

from style_pipeline.stylization.architecture import KINDS, Architecture
from style_pipeline.stylization.backends.network import ARCHITECTURES


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize("name", KINDS)
def test_the_plain_network_has_the_tensors_of_the_module(name: str, blocks: int) -> None:
    module = ARCHITECTURES[name](channels=(4, 8, 12), residual_blocks=blocks)
    assert module.architecture == Architecture(name, (4, 8, 12), blocks)
    expected = {tensor: tuple(value.shape) for tensor, value in module.state_dict().items()}
    assert module.architecture.layers.shapes == expected
    assert module.architecture.stride == module.stride


def test_both_know_the_same_architectures() -> None:
    assert KINDS.keys() == ARCHITECTURES.keys()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("diffusion", (4, 8, 8), 1), "unknown architecture 'diffusion', expected slim"),
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
