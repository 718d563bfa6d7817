"""What a network needs to stylize a pixel: how far it sees, and how much memory it takes."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

PROBE: Final = 512
"""Pixels: the side of the picture by whose shapes a network is judged."""
COPIES: Final = 4
"""Memory over that of the largest layer's input and output: what other layers still hold, copies
that convolution and normalization make, and gaps that the allocator keeps. Measured on a CPU with
both kinds of network, the colors' share taken off: 2.6 at 720p, 3.6 at 4K, once 5.4 in tiles.
"""
COLOR_BYTES: Final = 64
"""A pixel's, in the conversions between YUV and RGB."""


@dataclass(frozen=True)
class Footprint:
    """Needs of a network.

    ``radius`` is how many pixels around a pixel have a say in it, other than through
    normalization; ``values`` the numbers that its largest layer reads and writes for one pixel.
    """

    radius: int
    values: float

    def bytes_per_pixel(self, dtype: torch.dtype) -> int:
        """Memory to stylize a picture, beyond the network's own, divided by its pixels."""
        return round(self.values * dtype.itemsize * COPIES) + COLOR_BYTES


def footprint(network: nn.Module, *, stride: int, style_size: int) -> Footprint:
    """Footprint of a network, by the shapes of its layers: nothing is computed."""
    with torch.inference_mode(), _Shapes() as seen:
        copy.deepcopy(network).to("meta", torch.float32)(
            torch.empty(1, 3, PROBE, PROBE, device="meta"),
            torch.empty(1, style_size, device="meta"),
        )
    # Each change of scale shifts by less than a pixel of its coarser side; all by less than two
    # of the coarsest.
    return Footprint(radius=seen.radius + 2 * stride, values=seen.values)


class _Shapes(TorchFunctionMode):
    """Adds up the reach of the convolutions that run inside it, and finds the largest call.

    Branches are added as if one followed another, so that the radius may be too large.
    """

    def __init__(self) -> None:
        super().__init__()
        self.radius = 0
        self.values = 0.0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.ndim == 4:
            pictures = [a for a in args if isinstance(a, Tensor) and a.ndim == 4]
            if func is F.conv2d:
                pictures, kernel = pictures[:1], args[1].shape[-1]
                reach = kernel // 2 * (kwargs or {}).get("dilation", 1)
                self.radius += reach * round(PROBE / pictures[0].shape[-1])  # it is padded
            sizes = [picture.numel() for picture in (*pictures, result)]
            self.values = max(self.values, sum(sizes) / PROBE**2)
        return result
