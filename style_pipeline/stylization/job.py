"""One style's training: what goes in, and the model file that comes of it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from style_pipeline.stylization.model_file import StyleModel, save_model
from style_pipeline.stylization.network import PaintingNetwork
from style_pipeline.stylization.perceptual import PerceptualNetwork
from style_pipeline.stylization.recipe import TrainingRecipe
from style_pipeline.stylization.training import Progress, train

Report = Callable[[Progress, PaintingNetwork], None]


@dataclass(frozen=True, kw_only=True)
class Artwork:
    """What is painted like: uint8 RGB (3, H, W), and the hash that stands for it."""

    name: str
    pixels: Tensor
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that a style's network is trained from.

    ``held_out`` are photographs that are never trained on.
    """

    artwork: Artwork
    photographs: Mapping[str, Tensor]
    perceptual: PerceptualNetwork
    recipe: TrainingRecipe
    start: StyleModel | None = None
    device: str = "auto"
    held_out: Mapping[str, Tensor] | None = None

    @property
    def fingerprint(self) -> str:
        """Trainings with the same one can go on from each other's checkpoints."""
        what = (self.recipe, self.artwork.sha256, self.perceptual.name)
        return hashlib.sha256(repr(what).encode()).hexdigest()[:16]

    @property
    def samples(self) -> list[Tensor]:
        """Four photographs to look at on the way: those held out, if there are any."""
        return list((self.held_out or self.photographs).values())[:4]

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
            start=self.start.network if self.start else None,
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
            "perceptual": self.perceptual.name,
        }
        if self.start:
            data["started_from"] = self.start.sha256
        return save_model(
            path,
            network,
            style=style,
            recipe=asdict(self.recipe),
            data=data,
            artwork_sha256=self.artwork.sha256,
        )


def chosen_device(device: str) -> torch.device:
    """``auto`` is a GPU where there is one."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)
