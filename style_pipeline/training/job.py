"""One style's training: what goes in, and the model file that comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import torch
from PIL import Image
from torch import Tensor

from style_pipeline.artworks import ARTWORKS
from style_pipeline.stylization.architecture import Vector
from style_pipeline.stylization.backends.network import as_network
from style_pipeline.stylization.device import chosen_device, device_name
from style_pipeline.stylization.model_file import Body, save_model
from style_pipeline.training.fitting import FitProgress, Style, fit, nearest
from style_pipeline.training.painting import load_painting, to_tensor
from style_pipeline.training.perceptual import PerceptualNetwork
from style_pipeline.training.photographs import spread
from style_pipeline.training.recipe import FitRecipe
from style_pipeline.training.samples import sample_sheet, to_image

THUMBNAIL: Final = 480
SAMPLES: Final = 4
NEAREST: Final = "nearest"
Report = Callable[[FitProgress, Style], None]


@dataclass(frozen=True, kw_only=True)
class Artwork:
    """What is painted like: uint8 RGB (3, H, W), and the hash that stands for it."""

    name: str
    pixels: Tensor
    sha256: str


def read_artwork(path: Path) -> Artwork:
    """A painting in a file, known by the hash of the file's bytes. Raises `BadPicture`."""
    digest = sha256(path.read_bytes()).hexdigest()
    return Artwork(name=path.name, pixels=load_painting(path), sha256=digest)


def drawn_artwork(name: str) -> Artwork:
    """One that code draws, known by the hash of its pixels."""
    pixels = to_tensor(ARTWORKS[name]())
    return Artwork(name=name, pixels=pixels, sha256=sha256(pixels.numpy().tobytes()).hexdigest())


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that a style is fitted from.

    ``start`` is the style to begin with, (numbers,), called ``started_from``; without one, the
    nearest of those that the body was trained with. ``held_out`` are photographs that are never
    trained on.
    """

    artwork: Artwork
    photographs: Mapping[str, Tensor]
    perceptual: PerceptualNetwork
    body: Body
    recipe: FitRecipe
    photographs_from: str = ""
    start: Vector | None = None
    started_from: str = NEAREST
    device: str = "auto"
    held_out: Mapping[str, Tensor] | None = None

    @property
    def fingerprint(self) -> str:
        """Trainings with the same one can go on from each other's checkpoints."""
        start = self.started_from if self.start is None else self.start.tobytes()
        what = (self.recipe, self.artwork.sha256, self.perceptual.name, self.body.digest, start)
        return sha256(repr(what).encode()).hexdigest()[:16]

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

    def sheet(self, style: Style) -> Image.Image:
        """The painting, and the samples beside what they become in a style."""
        return sample_sheet(style, self.samples, painting=to_image(self.artwork.pixels))

    def run(
        self,
        *,
        on_progress: Report,
        checkpoint_path: Path,
        checkpoint_every: int = 25,
        resume: bool = False,
    ) -> Style:
        """Fit; see `fit`."""
        photographs = list(self.photographs.values())
        body = as_network(self.body.network(self.body.styles[0]))
        given = self.artwork.pixels, photographs, self.perceptual, body
        if self.start is not None:
            start = torch.from_numpy(self.start)
        elif resume and checkpoint_path.exists():
            start = torch.from_numpy(self.body.styles[0])  # the checkpoint has what was chosen
        else:
            styles = torch.from_numpy(self.body.styles)
            start = nearest(styles, *given, self.recipe, device=self.device)
        return fit(
            *given,
            start,
            self.recipe,
            device=self.device,
            on_progress=on_progress,
            checkpoint_path=checkpoint_path,
            checkpoint_every=checkpoint_every,
            resume=resume,
        )

    def save(self, path: Path, style: Style, *, name: str) -> str:
        """Write the model file, and return its hash."""
        data: dict[str, object] = {
            "artwork": self.artwork.name,
            "photographs": len(self.photographs),
            "held_out": sorted(self.held_out or {}),
            "photographs_from": self.photographs_from,
            "perceptual": self.perceptual.name,
            "started_from": self.started_from,
        }
        return save_model(
            path,
            self.body.network(style.plain()),
            style=name,
            recipe=asdict(self.recipe),
            data=data,
            artwork_sha256=self.artwork.sha256,
            body=self.body.digest,
        )
