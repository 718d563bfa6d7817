"""What a picture looks like to VGG-19, and the losses measured there."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Literal

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

LAYERS: Final = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
VGG_FILE: Final = "vgg19_normalised_relu1_1-relu3_1.safetensors"
DISTILLED_FILE: Final = "vgg19_16x-distilled_encoder_relu1_1-relu5_1.safetensors"
BLOCKS: Final = (2, 2, 4, 4, 4)


class PerceptualNetwork(nn.Module):
    """A fixed network that sees pictures as features of several layers.

    ``name`` says which, as a model's metadata records it.
    """

    name: str

    def features(self, images: Tensor) -> dict[str, Tensor]:
        """Features by layer (N, C, h, w) of float RGB ``images`` (N, 3, H, W) in [0, 1].

        They have the precision that ``to`` gave the network.
        """
        raise NotImplementedError


class VGG19(PerceptualNetwork):
    """VGG-19 (Simonyan & Zisserman 2014), as deep as ``layers`` ask.

    Args:
        tensors: ``convB_I.weight`` and ``.bias`` of every layer, and ``conv0``, a 1x1
            convolution that turns RGB in [0, 1] into what the first layer wants. Heads named
            ``convB_I_to_vgg19`` predict full-width features from compressed ones (Wang et al.
            2020, "Collaborative Distillation").
        padding: "reflect", or "constant" for zeros, as the weights were made.
    """

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        *,
        layers: Collection[str],
        padding: Literal["reflect", "constant"] = "reflect",
        name: str = "vgg19",
    ) -> None:
        super().__init__()
        self.layers = frozenset(layers)
        self.last = max(layers)
        self.padding = padding
        self.name = name
        for key, tensor in tensors.items():
            self.register_buffer(key.replace(".", "-"), tensor.detach().float(), persistent=False)

    def convolve(self, name: str, x: Tensor) -> Tensor:
        return functional.conv2d(
            x, self.get_buffer(f"{name}-weight"), self.get_buffer(f"{name}-bias")
        )

    def features(self, images: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        x = self.convolve("conv0", images.to(self.get_buffer("conv0-weight").dtype))
        for block, depth in enumerate(BLOCKS, start=1):
            for index in range(1, depth + 1):
                conv, relu = f"conv{block}_{index}", f"relu{block}_{index}"
                padded = functional.pad(x, (1, 1, 1, 1), mode=self.padding)
                x = functional.relu(self.convolve(conv, padded))
                if relu in self.layers:
                    head = f"{conv}_to_vgg19"
                    has_head = hasattr(self, f"{head}-weight")
                    found[relu] = functional.relu(self.convolve(head, x)) if has_head else x
                if relu == self.last:
                    return found
            x = functional.max_pool2d(x, 2, ceil_mode=True)
        return found


class HybridVGG19(PerceptualNetwork):
    """The real VGG-19 up to relu3_1 and a distilled one for relu4_1 and relu5_1."""

    name = "vgg19 relu1_1-relu3_1 + 16x-distilled relu4_1, relu5_1"

    def __init__(self, shallow: VGG19, deep: VGG19) -> None:
        super().__init__()
        self.shallow = shallow
        self.deep = deep

    def features(self, images: Tensor) -> dict[str, Tensor]:
        return {**self.shallow.features(images), **self.deep.features(images)}


def load_hybrid(folder: Path) -> HybridVGG19:
    """The hybrid of the two weight files in ``folder``.

    Raises:
        FileNotFoundError: one of them is not there.
    """
    return HybridVGG19(
        VGG19(load_file(folder / VGG_FILE), layers=LAYERS[:3]),
        VGG19(load_file(folder / DISTILLED_FILE), layers=LAYERS[3:]),
    )


def from_torchvision(features: nn.Sequential) -> VGG19:
    """The network of torchvision's ``vgg19(weights=...).features``."""
    mean, std = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    tensors = {"conv0.weight": (1 / std).diag()[:, :, None, None], "conv0.bias": -mean / std}
    names = [f"conv{b}_{i}" for b, depth in enumerate(BLOCKS, 1) for i in range(1, depth + 1)]
    convolutions = (layer for layer in features if isinstance(layer, nn.Conv2d))
    for name, layer in zip(names, convolutions, strict=True):
        assert layer.bias is not None
        tensors |= {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
    return VGG19(tensors, layers=LAYERS, padding="constant", name="torchvision vgg19")


def gram_matrix(features: Tensor) -> Tensor:
    """Correlations of channels (N, C, C), fp32, averaged over the pixels of (N, C, H, W)."""
    flat = features.flatten(2)
    return (flat @ flat.mT).float() / flat.shape[-1]


def mean_energy(features: Tensor) -> Tensor:
    """Mean square of the features, fp32."""
    return features.float().square().mean()


def content_loss(features: Tensor, target: Tensor, *, energy: Tensor) -> Tensor:
    """Mean squared error as a share of ``energy``, that of photographs at this layer.

    Not of this very target: a flat or dark picture, whose features are faint, would outweigh
    all others and shake the training.
    """
    return mean_energy(features.float() - target.float()) / energy


def style_loss(features: Tensor, target_gram: Tensor) -> Tensor:
    """Relative Frobenius distance of Gram matrices (Gatys et al. 2016), averaged over the batch.

    The root keeps the gradient alive near the goal, where a squared term drowns in content.
    """
    error = (gram_matrix(features) - target_gram).square().sum((1, 2))
    # The slope of a root is infinite at zero.
    return ((error / target_gram.square().sum((1, 2)) + 1e-8).sqrt() - 1e-4).mean()


def total_variation(images: Tensor) -> Tensor:
    """Mean squared difference of neighbours, horizontal plus vertical."""
    images = images.float()
    horizontal = (images[..., 1:] - images[..., :-1]).square().mean()
    vertical = (images[..., 1:, :] - images[..., :-1, :]).square().mean()
    return horizontal + vertical
