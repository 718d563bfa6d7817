"""Networks as they are computed: OpenVINO on CPUs, PyTorch on GPUs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline_kit.machine.cgroup import processors
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
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": processors()}
        self._request = openvino.compile_model(model, "CPU", options).create_infer_request()

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
    return OpenVino(converted(module, torch.zeros(1, 3, size, size)))


def converted(module: torch.nn.Module, example: torch.Tensor) -> Any:
    """OpenVINO's model of a PyTorch module."""
    import openvino

    with warnings.catch_warnings():
        # OpenVINO traces by what PyTorch is to drop; an exported module is fixed to one picture.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return openvino.convert_model(module.eval(), example_input=example)


def read(path: Path) -> Any:
    """The model of a file or folder that OpenVINO reads: ONNX, SavedModel, its own IR."""
    import openvino

    return openvino.Core().read_model(path)
