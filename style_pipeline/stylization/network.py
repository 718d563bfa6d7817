"""The image transformation network: one forward pass paints a picture."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn

STRIDE: Final = 4


class ConvLayer(nn.Sequential):
    """Reflection padding, convolution, instance normalization, optionally ReLU."""

    def __init__(
        self, inputs: int, outputs: int, *, kernel: int, stride: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        self.pad = nn.ReflectionPad2d(kernel // 2)
        # No bias: the normalization that follows would subtract it again.
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.InstanceNorm2d(outputs, affine=True)
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


class TransformerNet(nn.Module):
    """Image transformation network of Johnson et al. 2016, "Perceptual Losses for Real-Time
    Style Transfer", with instance normalization (Ulyanov et al. 2016) and nearest-neighbour
    upsampling before convolution (Odena et al. 2016), which leaves no checkerboard.

    Args:
        channels: widths at full, half and quarter resolution.
        residual_blocks: blocks at quarter resolution.
    """

    def __init__(
        self, *, channels: Sequence[int] = (32, 64, 128), residual_blocks: int = 5
    ) -> None:
        super().__init__()
        self.channels: tuple[int, int, int] = (channels[0], channels[1], channels[2])
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
        self.output = nn.Sequential(nn.ReflectionPad2d(4), nn.Conv2d(full, 3, 9))

    def forward(self, images: Tensor) -> Tensor:
        """Paint ``images``, float RGB (N, 3, H, W) in [0, 1], to the same shape and range.

        Raises:
            ValueError: the shape is not (N, 3, H, W), or H or W is no multiple of ``STRIDE``.
        """
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images of shape {tuple(images.shape)}: expected (N, 3, H, W).")
        height, width = images.shape[-2:]
        if height % STRIDE or width % STRIDE:
            raise ValueError(
                f"{width}x{height} pixels: both sides must be multiples of {STRIDE}; "
                "reflect the picture out and crop the result."
            )
        # Centred on zero, so that reflection and first filters do not see a constant offset.
        hidden = self.encoder(images * 2 - 1)
        hidden = self.decoder(self.residual(hidden))
        return torch.sigmoid(self.output(hidden))
