"""What a style is trained with: photographs, a perceptual network, a style to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipeline_kit.machine.interrupts import interrupts_held
from pipeline_kit.storage.store import Store
from style_pipeline.resources.device import missing_device
from style_pipeline.resources.material import (
    CannotTrain,
    UnusablePainting,
    Warn,
    fetch_perceptual,
    fetch_photographs,
)
from style_pipeline.resources.models import fetch_model, trained_styles
from style_pipeline.styles import BODY_OF, STANDARD
from style_pipeline.training.recipe import FitRecipe

if TYPE_CHECKING:
    from style_pipeline.stylization.architecture import Vector
    from style_pipeline.stylization.model_file import Body
    from style_pipeline.training.job import Job

NEAREST, SCRATCH = "nearest", "scratch"


class Trainer(dg.ConfigurableResource["Trainer"]):
    """Puts together what a style is trained from.

    torch is imported where it is needed, as in `Stylizer`.
    """

    device: str = "auto"
    """`auto`, `cpu` or `cuda`; `auto` is a GPU where there is one."""
    photographs: str = ""
    """A folder or prefix; with none, frames of the videos that were dropped are taken."""
    perceptual_weights: str = ""
    """A file, folder or prefix with weights of VGG; with none, torchvision downloads VGG-19."""
    iterations: int = FitRecipe.iterations

    def job(
        self,
        media: Store,
        ops: Store,
        *,
        painting: Path,
        folder: Path,
        warn: Warn,
        quality: str = STANDARD,
        start_from: str = NEAREST,
        **recipe: float | None,
    ) -> Job:
        """What the painting's style is trained from; files are fetched into ``folder``.

        ``recipe`` is what is other than in `FitRecipe`; None counts for nothing. Raises
        `CannotTrain` where a person has to do something, `StoreError` where trying again may help.
        """
        if missing := missing_device(self.device):
            raise CannotTrain(missing)
        with interrupts_held():
            from style_pipeline.media.still_pictures import BadPicture
            from style_pipeline.stylization.model_file import load_body
            from style_pipeline.training.job import Job, read_artwork

        try:
            artwork = read_artwork(painting)
        except BadPicture as error:
            raise UnusablePainting(f"{error}, and drop it again") from error
        photographs, source = fetch_photographs(
            self.photographs, media=media, ops=ops, folder=folder, warn=warn
        )
        perceptual = fetch_perceptual(self.perceptual_weights, media=media, ops=ops, folder=folder)
        given: dict[str, Any] = {"iterations": self.iterations}
        given |= {name: value for name, value in recipe.items() if value is not None}
        body = load_body(BODY_OF[quality])
        return Job(
            artwork=artwork,
            photographs=photographs,
            photographs_from=source,
            perceptual=perceptual,
            body=body,
            recipe=FitRecipe(**given),
            start=_start(ops, body, start_from=start_from, quality=quality, folder=folder),
            started_from=start_from,
            device=self.device,
        )


def _start(ops: Store, body: Body, *, start_from: str, quality: str, folder: Path) -> Vector | None:
    """The style to begin with; None for the nearest of the body's."""
    from style_pipeline.stylization.model_file import StyleModelError, load_model

    if start_from == NEAREST:
        return None
    if start_from == SCRATCH:
        mean: Vector = body.styles.mean(0)
        return mean
    trained = trained_styles(ops, quality)
    if start_from not in trained:
        known = ", ".join([NEAREST, SCRATCH, *trained])
        raise CannotTrain(f"start_from={start_from!r} should be one of {known}")
    try:
        model = load_model(
            fetch_model(ops, style=start_from, sha256=trained[start_from], folder=folder)
        )
    except StyleModelError as error:
        raise CannotTrain(f"start_from={start_from!r}: {error}") from error
    if model.body != body.digest:
        raise CannotTrain(
            f"start_from={start_from!r}: it has a network of its own, not the body that styles are "
            f"fitted with now: choose {NEAREST} or {SCRATCH}"
        )
    return model.network.style
