"""PyTorch's modules for the networks that `architecture` describes: to train, to stylize on GPUs,
and in tiles.

They leave the channels of a pixel side by side in memory, as convolutions want them. PyTorch's own
padding, pixel shuffle and normalization give planes back, so that each convolution would have its
input turned around. That is so for a batch of one, as in stylizing; larger ones take PyTorch's own
way.
"""

from collections.abc import Iterator
from functools import singledispatch

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from style_pipeline.stylization.architecture import FLAT, Architecture, StyleNetwork
from style_pipeline.stylization.layers import (
    BANDS,
    EPSILON,
    Branch,
    Chain,
    Convolution,
    Details,
    Doubling,
    Layer,
    Normalization,
    PixelShuffle,
)


class Network(nn.Module):
    """A body; it stylizes a batch, each picture in a style of its own."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.layers = Sequence(architecture.layers)
        self._quieting = Quieting(architecture.last_shifts) if architecture.quiet else None
        self._precision = torch.float32

    def forward(self, images: Tensor, styles: Tensor) -> Tensor:
        """Stylize float RGB ``images`` (N, 3, H, W) in [0, 1], to the same shape and range, with
        ``styles`` (N, numbers) or (1, numbers).

        Raises:
            ValueError: images are not of that shape, or H or W is no multiple of the stride.
        """
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images of shape {tuple(images.shape)}: expected (N, 3, H, W).")
        height, width = images.shape[-2:]
        stride = self.architecture.stride
        if height % stride or width % stride:
            raise ValueError(
                f"{width}x{height} pixels: both sides must be multiples of {stride}; "
                "reflect the picture out and crop the result."
            )
        # Centered on zero, so that reflection and first filters do not see a constant offset.
        first, *others = self.layers.parts
        made: Tensor = first(images * 2 - 1, styles).to(self._precision)
        for part in others:
            made = part(made, styles)
        if self._quieting is not None:
            made = self._quieting(images, made, styles)
        return made.clamp(0, 1) if self.architecture.clamped else made.sigmoid()

    def compute_in(self, dtype: torch.dtype) -> None:
        """Stylize float32 pictures in less precision, the first layer excepted.

        Where a picture is smooth, that layer finds almost nothing, and normalization amplifies it
        with whatever was rounded before.
        """
        self._precision = dtype
        for part in self.layers.parts[1:]:
            part.to(dtype)

    def weights(self) -> dict[str, Tensor]:
        """By the names that the description gives them."""
        return {
            f"{name}.{part}": getattr(module, part).detach().float().cpu()
            for name, module in self.layers.named_modules()
            if isinstance(module, ReflectedConv)
            for part in module.layer.shapes
        }


def as_network(network: StyleNetwork) -> Network:
    """With the weights of ``network``, ready to stylize: float32, in eval mode, no gradients."""
    with torch.device("meta"):  # shapes, no memory
        module = Network(network.architecture)
    weights = {name: torch.tensor(weight) for name, weight in network.weights.items()}
    module.layers.load_state_dict(weights, assign=True)
    return module.eval().requires_grad_(False)


@singledispatch
def as_module(layer: Layer) -> nn.Module:
    """From a picture (N, C, H, W) and its style (N, numbers) to what the layer makes of it."""
    raise NotImplementedError(f"no module is known for {type(layer).__name__}")


class Sequence(nn.Module):
    """A `Chain`."""

    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self.adds = isinstance(chain, Branch)
        self.parts = tuple(as_module(layer) for layer in chain.layers.values())
        for name, part in zip(chain.layers, self.parts, strict=True):
            *folders, last = name.split(".")
            place: nn.Module = self
            for folder in folders:  # "down.0" is module "0" of module "down"
                if folder not in dict(place.named_children()):
                    place.add_module(folder, nn.Module())
                place = place.get_submodule(folder)
            place.add_module(last, part)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        made = x
        for part in self.parts:
            made = part(made, style)
        return x + made if self.adds else made


class ReflectedConv(nn.Conv2d):
    """A `Convolution`."""

    def __init__(self, layer: Convolution) -> None:
        super().__init__(layer.inputs, layer.outputs, layer.kernel, layer.stride, bias=layer.bias)
        self.layer = layer

    def forward(self, x: Tensor, style: Tensor) -> Tensor:  # type: ignore[override]
        if len(x) > 1:
            return super().forward(F.pad(x, self.layer.padding * 2, mode="reflect"))
        volume = x.permute(0, 2, 3, 1)  # padded as a volume, by no channels
        padded = F.pad(volume, (0, 0, *self.layer.padding * 2), mode="reflect")
        return super().forward(padded.permute(0, 3, 1, 2))


class OfWholePicture(nn.Module):
    """What depends on the mean and the variance of each channel of its first input.

    ``statistics``, if set, are those of another one, float32 (channels,) each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.statistics: tuple[Tensor, Tensor] | None = None


class InstanceNorm(OfWholePicture):
    """A `Normalization`."""

    def __init__(self, layer: Normalization) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = style[:, self.layer.scales], style[:, self.layer.shifts]
        if len(x) == 1:  # a batch of one has the picture's own statistics
            mean, variance = self.statistics or (None, None)
            # Half precision is normalized with parameters of float32.
            weight, bias = scale[0].float(), shift[0].float()
            own = self.statistics is None
            y = F.batch_norm(x, mean, variance, weight, bias, training=own, eps=EPSILON)
        else:
            normal = F.instance_norm(x, eps=EPSILON)
            y = normal * scale[:, :, None, None] + shift[:, :, None, None]
        return y.relu() if self.layer.relu else y


class Quieting(OfWholePicture):
    """Takes contrast from what is made of a picture of nearly one color, see `FLAT`."""

    def __init__(self, shifts: slice) -> None:
        super().__init__()
        self.shifts = shifts

    def forward(self, images: Tensor, made: Tensor, style: Tensor) -> Tensor:
        if self.statistics is None:
            variance = images.var((2, 3), correction=0)
        else:
            variance = self.statistics[1][None]
        variance = variance.mean(1)[:, None, None, None]
        color = style[:, self.shifts, None, None]
        return color + variance / (variance + FLAT**2) * (made - color)


class Shuffle(nn.Module):
    """A `PixelShuffle`."""

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        if len(x) > 1:
            return F.pixel_shuffle(x, 2)
        _, channels, height, width = x.shape
        pixels = x.permute(0, 2, 3, 1).reshape(1, height, width, channels // 4, 2, 2)
        rows = pixels.permute(0, 1, 4, 2, 5, 3).reshape(1, height * 2, width * 2, channels // 4)
        return rows.permute(0, 3, 1, 2)


class Double(nn.Module):
    """A `Doubling`."""

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Strengthening(nn.Module):
    """`Details`."""

    def __init__(self, layer: Details) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        strengths = style[:, self.layer.strengths].to(x.dtype)
        made = x
        for number, band in enumerate(details(x.mean(1, keepdim=True))):
            made = made + strengths[:, number, None, None, None] * band
        return made


def details(light: Tensor) -> Iterator[Tensor]:
    """Light and dark, (N, 1, H, W), in each of `BANDS`."""
    # Made where the picture is: a CUDA graph cannot wait for what comes from the processor.
    weights = (2 - torch.arange(-1, 2, device=light.device, dtype=light.dtype).abs()) / 4
    for step in BANDS:
        blurred = light
        for down, across in ((step, 0), (0, step)):
            kernel = weights.view(1, 1, *((3, 1) if down else (1, 3)))
            padded = F.pad(blurred, (across, across, down, down), mode="reflect")
            blurred = F.conv2d(padded, kernel, dilation=step)
        yield light - blurred
        light = blurred


as_module.register(Chain, Sequence)
as_module.register(Convolution, ReflectedConv)
as_module.register(Normalization, InstanceNorm)
as_module.register(PixelShuffle, lambda layer: Shuffle())
as_module.register(Doubling, lambda layer: Double())
as_module.register(Details, Strengthening)
