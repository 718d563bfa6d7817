"""What networks are tried on, and how far they see."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from style_pipeline.stylization.backends.footprint import Footprint, footprint
from style_pipeline.stylization.backends.network import Network


def picture(height: int, width: int) -> Tensor:
    """RGB whose large and small things have more contrast on one side than on the other."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 255, (9, 14, 3)).astype(np.uint8)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.normal(0, 1, (height, width, 1)) * np.linspace(0, 40, width)[:, None]
    values = np.clip(np.asarray(smooth, float) + noise, 0, 255) / 255
    return torch.from_numpy(values).float().permute(2, 0, 1)[None]


def footprint_of(network: Network) -> Footprint:
    architecture = network.architecture
    return footprint(network, stride=architecture.stride, style_size=architecture.style_size)
