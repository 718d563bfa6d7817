"""The device that a network runs on."""

import ctypes
from contextlib import suppress
from pathlib import Path
from typing import Final

from pipeline_kit.machine.cgroup import threads

DRIVER: Final = "libcuda.so.1"
"""Without NVIDIA's one, or AMD's, which `AMD_DRIVER` shows, torch finds no GPU."""
AMD_DRIVER: Final = Path("/dev/kfd")


def has_gpu() -> bool:
    """Whether torch finds a GPU; where there is no driver for one, it is not even imported."""
    if not _has_driver():
        return False
    import torch

    return torch.cuda.is_available()


def _has_driver() -> bool:
    with suppress(OSError):
        ctypes.CDLL(DRIVER)
        return True
    return AMD_DRIVER.exists()


def chosen_device(device: str) -> str:
    """The device of that name, as torch names it; ``auto`` is a GPU where there is one."""
    if device == "auto":
        return "cuda" if has_gpu() else "cpu"
    return device


def device_name(device: str) -> str:
    """As people know it."""
    if device == "cpu":
        return f"CPU, {threads()} threads"
    import torch

    return torch.cuda.get_device_name(device)
