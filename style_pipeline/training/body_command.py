"""``body``: what all styles share learns from networks that paint."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
import torch

from style_pipeline.styles import FINE, STANDARD
from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.device import chosen_device
from style_pipeline.stylization.model_file import StyleModelError, load_body, save_body
from style_pipeline.training.distillation import BodyTraining, train_body
from style_pipeline.training.photographs import frames_of, photographs_in
from style_pipeline.training.recipe import BodyRecipe
from style_pipeline.training.teachers import load_teachers
from style_pipeline.training.widening import widened

FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)
SIZES: Final = {STANDARD: ((32, 48, 16), 5), FINE: ((48, 96, 24), 6)}
"""Channels and residual blocks of bodies: for CPUs, and for GPUs and patient people."""


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--teachers",
    type=FOLDER,
    required=True,
    help="A folder of networks to learn from, see `training/teachers.py`.",
)
@click.option("--photographs", type=FOLDER, required=True, help="A folder of pictures of anything.")
@click.option("--frames", type=click.Path(path_type=Path), multiple=True, help="A video's path.")
@click.option("--size", type=click.Choice(list(SIZES)), default=STANDARD, show_default=True)
@click.option("--iterations", default=BodyRecipe.iterations, show_default=True)
@click.option("--batch", default=BodyRecipe.batch, show_default=True)
@click.option("--noise", default=BodyRecipe.noise, show_default=True, help="See `BodyRecipe`.")
@click.option("--cooldown", default=BodyRecipe.cooldown, show_default=True, help="The same.")
@click.option("--start", help="The digest of a body that ships, of this size or smaller.")
@click.option("--device", default="auto", show_default=True)
@click.option("--threads", default=1, show_default=True, help="Beside the teachers' process.")
def body(
    out: Path,
    teachers: Path,
    photographs: Path,
    frames: Sequence[Path],
    size: str,
    iterations: int,
    batch: int,
    noise: float,
    cooldown: int,
    start: str | None,
    device: str,
    threads: int,
) -> None:
    """Train a body in the folder OUT: it goes on from OUT/checkpoint.pt, if that is there, and ends
    as OUT/DIGEST.safetensors."""
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    pictures = [*photographs_in(photographs).values()]
    for path in frames:
        pictures += frames_of(path)
    channels, blocks = SIZES[size]
    recipe = BodyRecipe(
        architecture=Architecture("body", channels, blocks),
        iterations=iterations,
        batch=batch,
        noise=noise,
        cooldown=cooldown,
    )
    try:
        known = widened(load_body(start), recipe.architecture) if start else None
    except (ValueError, StyleModelError) as error:
        raise click.UsageError(f"--start {start}: {error}") from None
    place = chosen_device(device)
    training = BodyTraining(recipe, load_teachers(teachers, place), start=known, device=place)

    def report(training: BodyTraining, difference: float) -> None:
        if training.iteration % 25 == 0:
            click.echo(f"{training.iteration}/{iterations}  difference {difference:.4f}")

    train_body(training, pictures, checkpoint=out / "checkpoint.pt", on_progress=report)
    path = save_body(
        out,
        recipe.architecture,
        {name: weight.cpu().numpy() for name, weight in training.network.weights().items()},
        training.styles.detach().cpu().numpy(),
        recipe=json.loads(json.dumps(asdict(recipe))),
        teachers=[teacher.name for teacher in training.teachers],
    )
    click.echo(path)
