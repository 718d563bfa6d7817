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
