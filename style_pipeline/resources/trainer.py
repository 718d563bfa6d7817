"""What a style is trained with: photographs, a perceptual network, a style to begin with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from style_pipeline.stylization.model_file import StyleModel
    from style_pipeline.training.job import Job
    from style_pipeline.training.recipe import TrainingRecipe

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
    iterations: int = 0
    """0: as many as the start needs, see `default_recipe`."""

    def job(
        self,
        media: Store,
        ops: Store,
        *,
        style: str,
        painting: Path,
        folder: Path,
        start_from: str = NEAREST,
        iterations: int | None = None,
        style_weight: float | None = None,
        seed: int | None = None,
        warn: Warn,
    ) -> Job:
        """What the painting's style is trained from; files are fetched into ``folder``.

        Raises `CannotTrain` where a person has to do something, `StoreError` where trying again
        may help.
        """
        if missing := missing_device(self.device):
            raise CannotTrain(missing)
        with interrupts_held():
            from style_pipeline.training.adaptation import default_recipe
            from style_pipeline.training.job import Job, read_artwork
            from style_pipeline.training.painting import BadPainting

        try:
            artwork = read_artwork(painting)
        except BadPainting as error:
            raise UnusablePainting(f"{error}, and drop it anew") from error
        photographs, source = fetch_photographs(
            self.photographs, media=media, ops=ops, folder=folder, warn=warn
        )
        perceptual = fetch_perceptual(self.perceptual_weights, media=media, ops=ops, folder=folder)

        def recipe(*, adapted: bool) -> TrainingRecipe:
            return default_recipe(
                adapted=adapted,
                iterations=iterations or self.iterations or None,
                style_weight=style_weight,
                seed=seed,
            )

        job = Job(
            artwork=artwork,
            photographs=photographs,
            photographs_from=source,
            perceptual=perceptual,
            recipe=recipe(adapted=True),
            device=self.device,
        )
        start = _start(ops, style, job, start_from=start_from, folder=folder, warn=warn)
        return replace(job, start=start, recipe=recipe(adapted=start is not None))


def _start(
    ops: Store, style: str, job: Job, *, start_from: str, folder: Path, warn: Warn
) -> StyleModel | None:
    """The trained style that ``job`` begins with: by default another than its own, so that training
    again gives the same."""
    import torch

    from style_pipeline.stylization.device import chosen_device
    from style_pipeline.stylization.model_file import StyleModelError, load_model
    from style_pipeline.training.adaptation import fits, nearest

    trained = trained_styles(ops)
    if start_from == SCRATCH:
        return None
    if start_from not in (NEAREST, *trained):
        known = ", ".join([NEAREST, SCRATCH, *trained])
        raise CannotTrain(f"start_from={start_from!r} should be one of {known}")
    models = []
    for name in sorted(trained.keys() - {style}) if start_from == NEAREST else [start_from]:
        file = fetch_model(ops, style=name, sha256=trained[name], folder=folder)
        try:
            models.append(load_model(file))
        except StyleModelError as error:
            warn(f"style {name!r} is none to begin with: {error}")
    if start_from != NEAREST and not any(fits(model, job.recipe) for model in models):
        raise CannotTrain(
            f"start_from={start_from!r}: its network is not of the {job.recipe.architecture} "
            f"architecture that is trained now: choose {NEAREST} or {SCRATCH}"
        )
    return nearest(
        models,
        job.artwork.pixels,
        list(job.photographs.values()),
        job.perceptual,
        job.recipe,
        device=torch.device(chosen_device(job.device)),
    )
