"""Networks as they are computed: OpenVINO on CPUs, PyTorch on GPUs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scoring_service.classification.classifier import Array, Network

if TYPE_CHECKING:
    import torch


class OpenVino:
    """A model that OpenVINO compiled: any batch, on all cores that the process may use."""

    def __init__(self, model: Any) -> None:
        import openvino

        shape = model.input(0).partial_shape
        shape[0] = -1
        model.reshape({model.input(0): shape})
        self._request = openvino.compile_model(
            model, "CPU", {"PERFORMANCE_HINT": "LATENCY"}
        ).create_infer_request()

    def __call__(self, batch: Array) -> Array:
        found = self._request.infer([batch])[0]
        return np.asarray(found, np.float32).reshape(len(batch), -1)


class Cuda:
    """A PyTorch module on the GPU, in half precision."""

    def __init__(self, module: torch.nn.Module) -> None:
        self._module = module.eval().half().cuda()

    def __call__(self, batch: Array) -> Array:
        import torch

        with torch.inference_mode():
            scores = self._module(torch.from_numpy(batch).half().cuda())
        return np.asarray(scores.float().cpu().numpy(), np.float32)


def of_module(module: torch.nn.Module, *, size: int, device: str) -> Network:
    """A module's network on that device; `auto` is a GPU where there is one."""
    import torch

    if device == "cuda" or (device == "auto" and torch.cuda.is_available()):
        return Cuda(module)
    import openvino

    example = torch.zeros(1, 3, size, size)
    return OpenVino(openvino.convert_model(module.eval(), example_input=example))


def read(path: Path) -> Any:
    """The model of a file or folder that OpenVINO reads: ONNX, SavedModel, its own IR."""
    import openvino

    return openvino.Core().read_model(path)
