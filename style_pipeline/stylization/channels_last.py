"""Layers that leave the channels of a pixel side by side in memory, as convolutions want them.

PyTorch's own give planes back: each convolution would have its input turned around, and each
normalization its output. That is so for a batch of one, as in
painting; larger ones take PyTorch's own way.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ReflectionPad(nn.ReflectionPad2d):
    """`torch.nn.ReflectionPad2d`: a picture is padded as a volume, by no channels."""

    def forward(self, input: Tensor) -> Tensor:
        if len(input) > 1:
            return super().forward(input)
        pixels = input.permute(0, 2, 3, 1)
        return F.pad(pixels, (0, 0, *self.padding), mode="reflect").permute(0, 3, 1, 2)


class PixelShuffle(nn.PixelShuffle):
    """`torch.nn.PixelShuffle`."""

    def forward(self, input: Tensor) -> Tensor:
        if len(input) > 1:
            return super().forward(input)
        number, _, height, width = input.shape
        factor = self.upscale_factor
        pixels = input.permute(0, 2, 3, 1).reshape(number, height, width, -1, factor, factor)
        rows = pixels.permute(0, 1, 4, 2, 5, 3).reshape(number, height * factor, width * factor, -1)
        return rows.permute(0, 3, 1, 2)


class InstanceNorm(nn.InstanceNorm2d):
    """`torch.nn.InstanceNorm2d`: a batch of one picture has the picture's own statistics."""

    def forward(self, input: Tensor) -> Tensor:
        if len(input) > 1:
            return super().forward(input)
        return F.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=not self.track_running_stats,
            eps=self.eps,
        )
