from types import SimpleNamespace
from typing import Any

import pytest
import torch

from style_pipeline_tests.gpus import PROMISE, pytest_runtest_setup


def item(*marks: str) -> Any:
    return SimpleNamespace(get_closest_marker=lambda name: name if name in marks else None)


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_a_gpu_test_is_skipped_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROMISE, raising=False)
    with pytest.raises(pytest.skip.Exception):
        pytest_runtest_setup(item("gpu"))


def test_a_gpu_test_fails_where_a_gpu_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROMISE, "1")
    with pytest.raises(pytest.fail.Exception, match="promises a GPU"):
        pytest_runtest_setup(item("gpu"))


def test_other_tests_run_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROMISE, "1")
    pytest_runtest_setup(item("slow"))
