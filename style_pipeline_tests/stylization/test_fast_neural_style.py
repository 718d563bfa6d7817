import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from style_pipeline.stylization.backends.network import as_network
from style_pipeline.stylization.fast_neural_style import NotSuchANetwork, read_network
from style_pipeline_tests.stylization.published import onnx_model, state_dict, stylized

TENSORS = state_dict()


def save_legacy(tensors: Any, path: Path) -> None:
    """As PyTorch stored it until 1.6."""
    torch.save(tensors, path, _use_new_zipfile_serialization=False)


def save_onnx(tensors: dict[str, Tensor], path: Path) -> None:
    onnx.save(onnx_model(tensors), path)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("candy.pth", torch.save),
        ("candy.PT", save_legacy),
        ("candy.safetensors", save_file),
        ("candy.onnx", save_onnx),
    ],
)
@torch.inference_mode()
def test_a_network_stylizes_as_it_did_where_it_comes_from(
    tmp_path: Path, name: str, write: Callable[[Any, Path], None]
) -> None:
    write(TENSORS, tmp_path / name)
    network = read_network(tmp_path / name)
    picture = torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(1))
    found = as_network(network)(picture, torch.from_numpy(network.style)[None])
    expected = stylized(TENSORS, picture)
    assert expected.std() > 0.1
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_what_was_wrapped_or_stored_beside_it_does_no_harm(tmp_path: Path) -> None:
    old = TENSORS | {"in1.running_mean": torch.zeros(32), "in1.running_var": torch.ones(32)}
    wrapped = {"epoch": 2, "state_dict": {f"module.{name}": t for name, t in old.items()}}
    torch.save(wrapped, tmp_path / "candy.pth")
    torch.save(TENSORS, tmp_path / "plain.pth")
    found, plain = (read_network(tmp_path / name) for name in ("candy.pth", "plain.pth"))
    assert (found.style == plain.style).all()


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path("/nowhere/at/all").touch, ()


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        (Evil(), "candy.pth cannot be read: Weights only load failed"),
        (TENSORS | {"more": Evil()}, "candy.pth cannot be read: Weights only load failed"),
        ([1, 2], "candy.pth cannot be read: it is no state dict: save the network's state_dict()"),
        (
            {name: t for name, t in TENSORS.items() if name != "res3.in2.bias"},
            "candy.pth is no network of pytorch/examples' fast_neural_style: it has no "
            "res3.in2.bias",
        ),
        (
            TENSORS | {"conv1.conv2d.weight": torch.zeros(32, 3, 3, 3)},
            "fast_neural_style: conv1.conv2d.weight is (32, 3, 3, 3), (32, 3, 9, 9) of finite",
        ),
        (TENSORS | {"in2.bias": torch.full((64,), float("nan"))}, "in2.bias is (64,), (64,) of fi"),
        (TENSORS | {"in9.bias": torch.zeros(4)}, "fast_neural_style: it has in9.bias, too"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(
    tmp_path: Path, stored: object, wrong: str
) -> None:
    torch.save(stored, tmp_path / "candy.pth")
    with pytest.raises(NotSuchANetwork) as error:
        read_network(tmp_path / "candy.pth")
    assert wrong in str(error.value)


@pytest.mark.parametrize("extension", ["pth", "safetensors", "onnx"])
@pytest.mark.parametrize("content", [b"", b"hello", pickle.dumps({"a": 1})])
def test_a_file_that_is_something_else_is_refused(
    tmp_path: Path, extension: str, content: bytes
) -> None:
    path = tmp_path / f"candy.{extension}"
    path.write_bytes(content)
    with pytest.raises(NotSuchANetwork, match=rf"^candy\.{extension} "):
        read_network(path)


def test_an_onnx_model_of_something_else_is_refused(tmp_path: Path) -> None:
    model = onnx_model(TENSORS)
    del model.graph.node[5:]
    onnx.save(model, tmp_path / "candy.onnx")
    with pytest.raises(NotSuchANetwork, match=r"^candy\.onnx "):
        read_network(tmp_path / "candy.onnx")
