"""What a picture looks like to VGG-19, and the losses measured there."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

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


class NormalisedVGG(nn.Module):
    """VGG-19 (Simonyan & Zisserman 2014) as far as ``tensors`` reach, weight-normalised.

    The file's first layer, a 1x1 convolution, turns RGB in [0, 1] into centred BGR. Where
    there are ``*_to_vgg19`` heads, they predict the full-width features from compressed ones
    (Wang et al. 2020, "Collaborative Distillation").
    """

    def __init__(self, tensors: Mapping[str, Tensor], *, layers: Collection[str]) -> None:
        super().__init__()
        self.layers = frozenset(layers)
        self.last = max(layers)
        for name, tensor in tensors.items():
            self.register_buffer(name.replace(".", "-"), tensor.float(), persistent=False)

    def convolve(self, name: str, x: Tensor) -> Tensor:
        return functional.conv2d(
            x, self.get_buffer(f"{name}-weight"), self.get_buffer(f"{name}-bias")
        )

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        x = self.convolve("conv0", images.to(self.get_buffer("conv0-weight").dtype))
        for block, depth in enumerate(BLOCKS, start=1):
            for index in range(1, depth + 1):
                conv, relu = f"conv{block}_{index}", f"relu{block}_{index}"
                padded = functional.pad(x, (1, 1, 1, 1), mode="reflect")
                x = functional.relu(self.convolve(conv, padded))
                if relu in self.layers:
                    head = f"{conv}_to_vgg19"
                    has_head = hasattr(self, f"{head}-weight")
                    found[relu] = functional.relu(self.convolve(head, x)) if has_head else x
                if relu == self.last:
                    return found
            x = functional.max_pool2d(x, 2, ceil_mode=True)
        return found


class HybridVGG(PerceptualNetwork):
    """The real VGG-19 up to relu3_1 and a distilled one for relu4_1 and relu5_1."""

    name = "vgg19 relu1_1-relu3_1 + 16x-distilled relu4_1, relu5_1"

    def __init__(self, shallow: NormalisedVGG, deep: NormalisedVGG) -> None:
        super().__init__()
        self.shallow = shallow
        self.deep = deep

    def features(self, images: Tensor) -> dict[str, Tensor]:
        return {**self.shallow(images), **self.deep(images)}


def load_hybrid(folder: Path) -> HybridVGG:
    """The hybrid of the two weight files in ``folder``.

    Raises:
        FileNotFoundError: one of them is not there.
    """
    return HybridVGG(
        NormalisedVGG(load_file(folder / VGG_FILE), layers=LAYERS[:3]),
        NormalisedVGG(load_file(folder / DISTILLED_FILE), layers=LAYERS[3:]),
    )


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
