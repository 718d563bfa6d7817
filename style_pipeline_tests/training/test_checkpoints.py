from pathlib import Path

import pytest
import torch

from style_pipeline.training import checkpoints
from style_pipeline.training.checkpoints import save_checkpoint


def test_a_save_that_is_interrupted_leaves_the_previous_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint"
    save_checkpoint(path, {"iteration": 1})

    def interrupted(state: object, partial: Path) -> None:
        partial.write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints.torch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, {"iteration": 2})
    assert torch.load(path) == {"iteration": 1}
