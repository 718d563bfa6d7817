import pytest
import torch

from pipeline_kit.machine.cgroup import memory_limit
from style_pipeline.stylization.memory import is_out_of_memory, memory_budget


def test_stylizing_leaves_memory_for_the_rest() -> None:
    limit = memory_limit()
    assert limit / 4 < memory_budget() < limit * 3 / 4


def test_memory_that_runs_out_is_known_by_what_torch_says_on_a_cpu() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(raised.value)
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("sizes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))
