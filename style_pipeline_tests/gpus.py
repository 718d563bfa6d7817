"""Tests marked `gpu`: skipped without a GPU, and failed where one is promised."""

import os

import pytest

PROMISE = "STYLE_PIPELINE_EXPECT_GPU"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu") is None:
        return
    import torch

    if not torch.cuda.is_available():
        if os.environ.get(PROMISE) == "1":
            pytest.fail(f"{PROMISE}=1 promises a GPU, and PyTorch finds none", pytrace=False)
        pytest.skip("there is no CUDA GPU")
