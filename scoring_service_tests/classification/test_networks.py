"""Networks as they are computed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from scoring_service.classification.networks import OpenVino, of_module, read


def test_openvino_computes_what_pytorch_does_in_batches_of_any_size() -> None:
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(4, 5),
    ).eval()
    network = of_module(module, size=8, device="cpu")
    for count in (1, 3, 2):
        batch = np.random.default_rng(count).normal(size=(count, 3, 8, 8)).astype(np.float32)
        with torch.inference_mode():
            expected = module(torch.from_numpy(batch)).numpy()
        found = network(batch)
        assert found.shape == (count, 5)
        assert found.dtype == np.float32
        assert np.allclose(found, expected, atol=0.02)


def test_a_file_that_was_made_for_one_picture_takes_several(network: Path) -> None:
    found = OpenVino(read(network))(np.zeros((4, 3, 8, 8), np.float32))
    assert found.shape == (4, 3)


def test_what_is_no_model_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("none")
    with pytest.raises(RuntimeError):
        read(tmp_path / "text.onnx")
