"""One style's training: what goes in, and the model file that comes of it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from torch import Tensor

from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.model_file import StyleModel, save_model
from style_pipeline.stylization.backends.network import PaintingNetwork, as_module
from style_pipeline.training.loop import TrainingProgress, train
from style_pipeline.training.painting import load_painting
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.photographs import spread
from style_pipeline.training.recipe import TrainingRecipe
from style_pipeline.training.samples import paint_samples, to_image

THUMBNAIL: Final = 480
SAMPLES: Final = 4
Report = Callable[[TrainingProgress, PaintingNetwork], None]


@dataclass(frozen=True, kw_only=True)
class Artwork:
    """What is painted like: uint8 RGB (3, H, W), and the hash that stands for it."""

    name: str
    pixels: Tensor
    sha256: str


def read_artwork(path: Path) -> Artwork:
    """A painting in a file, known by the hash of the file's bytes. Raises `BadPainting`."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Artwork(name=path.name, pixels=load_painting(path), sha256=sha256)


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that a style's network is trained from.

    ``held_out`` are photographs that are never trained on.
    """

    artwork: Artwork
    photographs: Mapping[str, Tensor]
    perceptual: PerceptualNetwork
    recipe: TrainingRecipe
    photographs_from: str = ""
    start: StyleModel | None = None
    device: str = "auto"
    held_out: Mapping[str, Tensor] | None = None

    @property
    def fingerprint(self) -> str:
        """Trainings with the same one can go on from each other's checkpoints."""
        start = self.start and self.start.sha256
        what = (self.recipe, self.artwork.sha256, self.perceptual.name, start)
        return hashlib.sha256(repr(what).encode()).hexdigest()[:16]

    @property
    def device_name(self) -> str:
        return device_name(chosen_device(self.device))

    @property
    def thumbnail(self) -> Image.Image:
        image = to_image(self.artwork.pixels)
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        return image

    @property
    def samples(self) -> list[Tensor]:
        """Photographs to look at on the way: those held out, else four taken evenly from all."""
        if self.held_out:
            return list(self.held_out.values())
        return [self.photographs[name] for name in spread(self.photographs, SAMPLES)]

    def sheet(self, network: PaintingNetwork) -> Image.Image:
        """The samples above what ``network`` makes of them."""
        return paint_samples(network, self.samples)

    def run(
        self,
        *,
        on_progress: Report,
        checkpoint_path: Path,
        checkpoint_every: int = 200,
        resume: bool = False,
    ) -> PaintingNetwork:
        """Train; see `train`."""
        return train(
            self.artwork.pixels,
            list(self.photographs.values()),
            self.perceptual,
            self.recipe,
            device=self.device,
            on_progress=on_progress,
            start=as_module(self.start.network) if self.start else None,
            checkpoint_path=checkpoint_path,
            checkpoint_every=checkpoint_every,
            resume=resume,
        )

    def save(self, path: Path, network: PaintingNetwork, *, style: str) -> str:
        """Write the model file, and return its tensors' hash."""
        data: dict[str, object] = {
            "artwork": self.artwork.name,
            "photographs": len(self.photographs),
            "held_out": sorted(self.held_out or {}),
            "photographs_from": self.photographs_from,
            "perceptual": self.perceptual.name,
        }
        if self.start:
            data["started_from"] = self.start.sha256
        return save_model(
            path,
            network.plain(),
            style=style,
            recipe=asdict(self.recipe),
            data=data,
            artwork_sha256=self.artwork.sha256,
        )
