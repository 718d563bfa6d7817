"""What stylizes pictures on a device. A further backend is a file here and a line in `BACKENDS`."""

from collections.abc import Callable
from importlib import import_module
from typing import Final, Protocol

from style_pipeline.stylization.architecture import StyleNetwork, Vector
from style_pipeline.stylization.color import Color, Picture

Stylize = Callable[[Picture, Vector], Picture]
"""One picture's planes in a style, (numbers,); may be called by several threads at once."""


class Backend(Protocol):
    """A body on a device, which stylizes in any style."""

    @property
    def busy_seconds(self) -> float:
        """For which the body has been at work."""
        ...

    def prepare(self, size: tuple[int, int], color: Color) -> tuple[Stylize, int]:
        """What stylizes pictures of one size (W, H), and how many threads are to call it at once.

        It raises `torch.OutOfMemoryError` where not even the smallest tiles fit into memory.
        """
        ...


BACKENDS: Final = {"cpu": "openvino:OpenVINOBackend", "cuda": "pytorch:PyTorchBackend"}
"""Module and class by the kind of device. Each is imported where it is asked for: OpenVINO and
PyTorch take seconds to import, and no process needs both."""


def load_backend(network: StyleNetwork, device: str, max_pixels: int | None) -> Backend:
    """A body on a device; pictures of more than ``max_pixels``, by default what fits into its
    memory, are stylized in tiles."""
    module, name = BACKENDS[device.partition(":")[0]].split(":")
    backend: Backend = getattr(import_module(f"{__name__}.{module}"), name).load(
        network, device, max_pixels
    )
    return backend
