import pytest
import torch
from torch import Tensor

from style_pipeline.styles import shipped_styles
from style_pipeline.stylization.architecture import KINDS, StyleNetwork
from style_pipeline.stylization.backends.network import Network, as_network
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
