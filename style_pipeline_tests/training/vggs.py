"""Perceptual networks of a few channels and random weights."""

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from style_pipeline.training.perceptual_weights import BLOCKS

VGG19, VGG16 = BLOCKS


def random_vgg(widths: Sequence[int], *, depths: Sequence[int] = VGG19) -> dict[str, Tensor]:
    """Tensors of a VGG with ``widths`` channels a block."""
    generator = torch.Generator().manual_seed(0)
    tensors = {"conv0.weight": torch.eye(3)[:, :, None, None], "conv0.bias": torch.zeros(3)}
    inputs = 3
    for block, (width, depth) in enumerate(zip(widths, depths, strict=False), start=1):
        for index in range(1, depth + 1):
            scale = math.sqrt(2 / (9 * inputs))
            weight = torch.randn(width, inputs, 3, 3, generator=generator) * scale
            tensors[f"conv{block}_{index}.weight"] = weight
            tensors[f"conv{block}_{index}.bias"] = torch.zeros(width)
            inputs = width
    return tensors


def save_vgg(path: Path, widths: Sequence[int] = (4, 4, 4, 4, 4)) -> Path:
    """A file of such a network."""
    save_file(random_vgg(widths), path)
    return path
