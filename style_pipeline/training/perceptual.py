"""What a picture looks like to VGG, and the losses measured there."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from torch import Tensor, nn
from torch.nn import functional

LAYERS: Final = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


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


class VGG(PerceptualNetwork):
    """VGG-16 or VGG-19 (Simonyan & Zisserman 2014), as deep as ``layers`` ask.

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
        name: str = "vgg",
    ) -> None:
        super().__init__()
        self.layers = frozenset(layers)
        self.last = max(layers)
        self.padding = padding
        self.name = name
        for key, tensor in tensors.items():
            if key.split(".")[0].split("_to_")[0] <= self.last.replace("relu", "conv"):
                copy = tensor.detach().float()
                self.register_buffer(key.replace(".", "-"), copy, persistent=False)

    def has(self, name: str) -> bool:
        return hasattr(self, f"{name}-weight")

    def convolve(self, name: str, x: Tensor) -> Tensor:
        return functional.conv2d(
            x, self.get_buffer(f"{name}-weight"), self.get_buffer(f"{name}-bias")
        )

    def features(self, images: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        x = self.convolve("conv0", images.to(self.get_buffer("conv0-weight").dtype))
        for block in range(1, 6):
            index = 1
            while self.has(conv := f"conv{block}_{index}"):
                padded = functional.pad(x, (1, 1, 1, 1), mode=self.padding)
                x = functional.relu(self.convolve(conv, padded))
                relu = f"relu{block}_{index}"
                if relu in self.layers:
                    head = f"{conv}_to_vgg19"
                    found[relu] = functional.relu(self.convolve(head, x)) if self.has(head) else x
                if relu == self.last:
                    return found
                index += 1
            x = functional.max_pool2d(x, 2, ceil_mode=True)
        return found


class Combined(PerceptualNetwork):
    """Several networks, each of which sees other layers."""

    def __init__(self, networks: Sequence[PerceptualNetwork]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.name = " + ".join(network.name for network in networks)

    def features(self, images: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        for network in self.networks:
            assert isinstance(network, PerceptualNetwork)
            found |= network.features(images)
        return found


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
