"""The image transformation networks: one forward pass paints a picture."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.architecture import KINDS, Architecture, StyleNetwork
from style_pipeline.stylization.channels_last import InstanceNorm, PixelShuffle, ReflectionPad


class ConvLayer(nn.Sequential):
    """Reflection padding, convolution, instance normalization, optionally ReLU."""

    def __init__(
        self, inputs: int, outputs: int, *, kernel: int, stride: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        self.pad = ReflectionPad(kernel // 2)
        # No bias: the normalization that follows would subtract it again.
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False)
        self.norm = InstanceNorm(outputs, affine=True)
        if relu:
            self.relu = nn.ReLU()


class ResidualBlock(nn.Module):
    """Two 3x3 layers whose result is added to their input (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvLayer(channels, channels, kernel=3)
        self.second = ConvLayer(channels, channels, kernel=3, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.second(self.first(x))
        return result


class UpsampleConv(nn.Module):
    """Nearest-neighbour upsampling by two, then a 5x5 convolution, at a third of the cost.

    Each of the four pixels that a small one becomes sees every small pixel through the sum of
    some of the 25 taps, so that one 3x3 convolution to four times the channels, and a pixel shuffle
    (Shi et al. 2016), give the same: 36 multiply-adds where 100 were. Unlike a free pixel shuffle
    it treats all four alike where the picture is even, and leaves no checkerboard.
    """

    def __init__(self, inputs: int, outputs: int, *, bias: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, 5, 5))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        # On no other device, as no file of weights fills what a network on the meta device lacks.
        taps = torch.zeros(2, 3, 5, device="cpu")
        for phase in range(2):
            for tap in range(5):
                taps[phase, (phase + tap) // 2, tap] = 1
        self.taps: Tensor
        self.register_buffer("taps", taps, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self._sums()
        padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.pixel_shuffle(F.conv2d(padded, weight, bias), 2)

    @torch.no_grad()
    def as_layers(self) -> nn.Sequential:
        """The same with its weights summed once and for all, to paint with."""
        weight, bias = self._sums()
        conv = nn.Conv2d(weight.shape[1], weight.shape[0], 3, bias=bias is not None, device="meta")
        conv.weight = nn.Parameter(weight, requires_grad=False)
        if bias is not None:
            conv.bias = nn.Parameter(bias, requires_grad=False)
        return nn.Sequential(ReflectionPad(1), conv, PixelShuffle(2))

    def _sums(self) -> tuple[Tensor, Tensor | None]:
        weight = torch.einsum("oiyx,apy,bqx->oabipq", self.weight, self.taps, self.taps)
        bias = None if self.bias is None else self.bias.repeat_interleave(4)
        return weight.flatten(0, 2), bias


class UpsampleLayer(nn.Sequential):
    """`UpsampleConv`, instance normalization, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = UpsampleConv(inputs, outputs)
        self.norm = InstanceNorm(outputs, affine=True)
        self.relu = nn.ReLU()


class InFloat32(nn.Module):
    """A layer between others that compute in less."""

    def __init__(self, layer: nn.Module, around: torch.dtype) -> None:
        super().__init__()
        self.layer, self.around = layer, around

    def forward(self, x: Tensor) -> Tensor:
        computed: Tensor = self.layer(x.float())
        return computed.to(self.around)


class PaintingNetwork(nn.Module):
    """A network that paints: ``forward`` checks the pictures, ``paint`` is its own.

    Both sides of a picture must be multiples of ``stride``.
    """

    kind: ClassVar[str]
    stride: ClassVar[int]
    channels: tuple[int, int, int]
    residual_blocks: int
    encoder: nn.Sequential

    @property
    def architecture(self) -> Architecture:
        return Architecture(self.kind, self.channels, self.residual_blocks)

    def plain(self) -> StyleNetwork:
        """As it is now, on a CPU."""
        weights = {
            name: tensor.float().cpu().numpy().copy() for name, tensor in self.state_dict().items()
        }
        return StyleNetwork(self.architecture, weights)

    def compute_in(self, dtype: torch.dtype) -> None:
        """Paint float32 pictures in less precision, the first layer excepted.

        Where a picture is smooth, that layer finds almost nothing, and normalization amplifies it
        with whatever was rounded before.
        """
        first, self.encoder[0] = self.encoder[0], nn.Identity()
        self.to(dtype)
        self.encoder[0] = InFloat32(first, dtype)

    def forward(self, images: Tensor) -> Tensor:
        """Paint ``images``, float RGB (N, 3, H, W) in [0, 1], to the same shape and range.

        Raises:
            ValueError: the shape is not (N, 3, H, W), or H or W is no multiple of ``stride``.
        """
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images of shape {tuple(images.shape)}: expected (N, 3, H, W).")
        height, width = images.shape[-2:]
        if height % self.stride or width % self.stride:
            raise ValueError(
                f"{width}x{height} pixels: both sides must be multiples of {self.stride}; "
                "reflect the picture out and crop the result."
            )
        # Centred on zero, so that reflection and first filters do not see a constant offset.
        return torch.sigmoid(self.paint(images * 2 - 1))

    def paint(self, x: Tensor) -> Tensor:
        """From pictures in [-1, 1] to logits of the painting."""
        raise NotImplementedError


class TransformerNet(PaintingNetwork):
    """Image transformation network of Johnson et al. 2016, "Perceptual Losses for Real-Time
    Style Transfer", with instance normalization (Ulyanov et al. 2016) and nearest-neighbour
    upsampling before convolution (Odena et al. 2016), which leaves no checkerboard.

    Args:
        channels: widths at full, half and quarter resolution.
        residual_blocks: blocks at quarter resolution.
    """

    kind = "transformer"
    stride = KINDS[kind].stride

    def __init__(
        self, *, channels: Sequence[int] = (32, 64, 128), residual_blocks: int = 5
    ) -> None:
        super().__init__()
        self.channels = (channels[0], channels[1], channels[2])
        self.residual_blocks = residual_blocks
        full, half, quarter = self.channels
        self.encoder = nn.Sequential(
            ConvLayer(3, full, kernel=9),
            ConvLayer(full, half, kernel=3, stride=2),
            ConvLayer(half, quarter, kernel=3, stride=2),
        )
        self.residual = nn.Sequential(*(ResidualBlock(quarter) for _ in range(residual_blocks)))
        self.decoder = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="nearest"),
            ConvLayer(quarter, half, kernel=3),
            nn.Upsample(scale_factor=2, mode="nearest"),
            ConvLayer(half, full, kernel=3),
        )
        self.output = nn.Sequential(ReflectionPad(4), nn.Conv2d(full, 3, 9))

    def paint(self, x: Tensor) -> Tensor:
        painted: Tensor = self.output(self.decoder(self.residual(self.encoder(x))))
        return painted


class SlimNet(PaintingNetwork):
    """A network for the same losses with 8.6 times fewer multiply-adds than `TransformerNet`.

    Nothing is computed at full resolution: the first convolution halves the picture and the last
    doubles it. Blocks at an eighth see far and shape large strokes, those at a quarter the fine
    ones. What the encoder saw at a quarter is added back on the way up (as in a U-Net, Ronneberger
    et al. 2015); without that, edges and faces are lost.

    Args:
        channels: widths at half, quarter and eighth resolution.
        residual_blocks: blocks at an eighth of the resolution, and as many at a quarter.
    """

    kind = "slim"
    stride = KINDS[kind].stride

    def __init__(self, *, channels: Sequence[int] = (24, 48, 96), residual_blocks: int = 2) -> None:
        super().__init__()
        self.channels = (channels[0], channels[1], channels[2])
        self.residual_blocks = residual_blocks
        half, quarter, eighth = self.channels
        self.encoder = nn.Sequential(
            ConvLayer(3, half, kernel=5, stride=2),
            ConvLayer(half, quarter, kernel=3, stride=2),
        )
        self.coarse = nn.Sequential(
            ConvLayer(quarter, eighth, kernel=3, stride=2),
            *(ResidualBlock(eighth) for _ in range(residual_blocks)),
            UpsampleLayer(eighth, quarter),
        )
        self.fine = nn.Sequential(*(ResidualBlock(quarter) for _ in range(residual_blocks)))
        self.decoder = nn.Sequential(
            UpsampleLayer(quarter, half),
            UpsampleConv(half, 3, bias=True),
        )

    def paint(self, x: Tensor) -> Tensor:
        seen = self.encoder(x)
        painted: Tensor = self.decoder(self.fine(seen + self.coarse(seen)))
        return painted


def fold_upsampling(network: nn.Module) -> None:
    """Replace what a network that is trained would compute anew for each picture."""
    for name, layer in network.named_children():
        if isinstance(layer, UpsampleConv):
            setattr(network, name, layer.as_layers())
        else:
            fold_upsampling(layer)


ARCHITECTURES: Final[Mapping[str, Callable[..., PaintingNetwork]]] = {
    network.kind: network for network in (SlimNet, TransformerNet)
}
"""By the name that a recipe and a model file give them."""


def as_module(network: StyleNetwork) -> PaintingNetwork:
    """The same as a module that is ready to paint: float32, in eval mode, without gradients."""
    architecture = network.architecture
    with torch.device("meta"):  # shapes, no memory
        module = ARCHITECTURES[architecture.name](
            channels=architecture.channels, residual_blocks=architecture.residual_blocks
        )
    weights = {name: torch.tensor(weight) for name, weight in network.weights.items()}
    module.load_state_dict(weights, assign=True)
    return module.eval().requires_grad_(False)
