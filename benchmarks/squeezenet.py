"""SqueezeNet 1.0 (Iandola et al. 2016) as a judge: no style network here was trained with it."""

from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

LAYERS: Final = ("conv1", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9")
POOLED_AFTER: Final = ("conv1", "fire4", "fire8")
MEAN: Final = (104.0, 117.0, 123.0)
"""Of blue, green and red, which its pictures are reduced by."""


class SqueezeNet:
    """Features of pictures, by the weights of a safetensors file named as Caffe's are.

    Args:
        path: ``conv1.weight``, ``fire2.squeeze1x1.weight`` and so on, each with its bias.
    """

    def __init__(self, path: Path) -> None:
        self.weights = {name: tensor.float() for name, tensor in load_file(path).items()}

    @torch.inference_mode()
    def features(self, picture: Tensor, *, until: str = LAYERS[-1]) -> dict[str, Tensor]:
        """What each layer up to ``until`` sees (after its ReLU, before pooling).

        Args:
            picture: float RGB (1, 3, H, W) in [0, 1].
        """
        x = picture.flip(1) * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)
        x = x.contiguous(memory_format=torch.channels_last)
        seen: dict[str, Tensor] = {}
        for layer in LAYERS[: LAYERS.index(until) + 1]:
            x = self._conv(x, "conv1", stride=2) if layer == "conv1" else self._fire(x, layer)
            seen[layer] = x
            if layer in POOLED_AFTER:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return seen

    def _fire(self, x: Tensor, name: str) -> Tensor:
        x = self._conv(x, f"{name}.squeeze1x1")
        wide = self._conv(x, f"{name}.expand3x3", padding=1)
        return torch.cat([self._conv(x, f"{name}.expand1x1"), wide], dim=1)

    def _conv(self, x: Tensor, name: str, *, stride: int = 1, padding: int = 0) -> Tensor:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return F.conv2d(x, weight, bias, stride, padding).relu_()
