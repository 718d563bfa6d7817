"""``python -m style_pipeline.training``: fit a style to a painting, or train a body."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
import click
import torch
from PIL import Image
from torch import Tensor

from pipeline_kit.errors import PermanentError, TransientError
from pipeline_kit.settings import end_where_wrong
from style_pipeline.artworks import ARTWORKS
from style_pipeline.media.still_pictures import is_still_picture
from style_pipeline.settings import check_settings
from style_pipeline.styles import BODY_OF, FINE, STANDARD
from style_pipeline.stylization.architecture import Architecture
from style_pipeline.stylization.device import chosen_device
from style_pipeline.stylization.model_file import StyleModelError, load_body, save_body
from style_pipeline.training.distillation import BodyTraining, train_body
from style_pipeline.training.fitting import FitProgress, Style
from style_pipeline.training.job import NEAREST, Job, drawn_artwork, read_artwork
from style_pipeline.training.painting import to_tensor
from style_pipeline.training.perceptual_weights import load_perceptual
from style_pipeline.training.photographs import load_photographs
from style_pipeline.training.recipe import BodyRecipe, FitRecipe
from style_pipeline.training.teachers import load_teachers
from style_pipeline.training.widening import widened

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
EVERY = 10
"""Frames of a video of which one is learned from."""
SIZES = {STANDARD: ((32, 48, 16), 5), FINE: ((48, 96, 24), 6)}
"""Channels and residual blocks of bodies: for CPUs, and for GPUs and patient people."""


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (PermanentError, TransientError, FileNotFoundError) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands)
def main() -> None:
    """Train what stylizes."""
    end_where_wrong(check_settings)


def _photographs(folder: Path) -> dict[str, Tensor]:
    paths = sorted(path for path in folder.iterdir() if is_still_picture(path.name))
    return load_photographs(paths, warn=lambda line: print(line, file=sys.stderr))


@main.command()
@click.argument("painting")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--photographs", type=FOLDER, required=True, help="A folder of pictures of anything.")
@click.option(
    "--perceptual",
    default="vgg19",
    show_default=True,
    help="vgg19 or vgg16, which torchvision downloads, or a file or folder with weights.",
)
@click.option(
    "--quality",
    type=click.Choice([*BODY_OF]),
    default=STANDARD,
    show_default=True,
    help="Of the body.",
)
@click.option("--body", help="The digest of another body that ships.")
@click.option(
    "--start",
    metavar="TEACHER",
    help="Begin with the style that the body learned from it, not with the nearest of all.",
)
@click.option("--iterations", default=FitRecipe.iterations, show_default=True)
@click.option(
    "--content",
    default=FitRecipe.content,
    show_default=True,
    help="The content loss to hold: more is more painting.",
)
@click.option(
    "--brushing",
    type=click.FloatRange(0, 1),
    default=FitRecipe.brushing,
    show_default=True,
    help="How far films are smoothed along strokes; 0 for paintings of dense, thin strokes.",
)
@click.option("--seed", default=FitRecipe.seed, show_default=True)
@click.option("--held-out", multiple=True, help="A photograph's name: only for samples.")
@click.option("--samples-every", default=0, metavar="ITERATIONS", help="0: only at the end.")
@click.option("--device", default="auto", show_default=True)
@click.option("--threads", type=int, help="Of the CPU; all that there are by default.")
@click.option("--resume", is_flag=True, help="Go on from OUT's checkpoint.")
def fit(
    painting: str,
    out: Path,
    photographs: Path,
    perceptual: str,
    quality: str,
    body: str | None,
    start: str | None,
    iterations: int,
    content: float,
    brushing: float,
    seed: int,
    held_out: Sequence[str],
    samples_every: int,
    device: str,
    threads: int | None,
    resume: bool,
) -> None:
    """Fit a style to PAINTING, a picture's path or the name of an artwork made by code, and write
    it to OUT, NAME.safetensors."""
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads or torch.get_num_threads())
    found = _photographs(photographs)
    if unknown := set(held_out) - found.keys():
        raise click.UsageError(f"held out but not in {photographs}: {', '.join(sorted(unknown))}")
    known = load_body(body or BODY_OF[quality])
    if start and start not in known.teachers:
        raise click.UsageError(f"--start {start}: it should be one of {', '.join(known.teachers)}")
    job = Job(
        artwork=drawn_artwork(painting) if painting in ARTWORKS else read_artwork(Path(painting)),
        held_out={name: found.pop(name) for name in held_out},
        photographs=found,
        photographs_from=photographs.name,
        perceptual=load_perceptual(perceptual),
        body=known,
        start=known.styles[known.teachers.index(start)] if start else None,
        started_from=start or NEAREST,
        recipe=FitRecipe(iterations=iterations, content=content, brushing=brushing, seed=seed),
        device=device,
    )

    def report(progress: FitProgress, style: Style) -> None:
        last = progress.iteration == progress.iterations
        if progress.iteration % 10 == 0 or last:
            click.echo(
                f"{progress.iteration}/{progress.iterations}  content {progress.content:.3f}"
                f"  style {progress.style:.3f}  palette {progress.palette:.3f}"
                f"  tone {progress.tone:.3f}  {progress.seconds:.0f} s,"
                f" {progress.eta_seconds:.0f} s to go"
            )
        if last or (samples_every and progress.iteration % samples_every == 0):
            job.sheet(style).save(out.with_suffix(f".{progress.iteration:06d}.png"))

    style = job.run(
        on_progress=report, checkpoint_path=out.with_suffix(".checkpoint"), resume=resume
    )
    click.echo(f"{out}: {job.save(out, style, name=out.stem)}")


@main.command()
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
    pictures = [*_photographs(photographs).values()]
    for path in frames:
        pictures += _some_frames(path)
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


def _some_frames(path: Path) -> list[Tensor]:
    with av.open(str(path)) as container:
        return [
            to_tensor(Image.fromarray(frame.to_ndarray(format="rgb24")))
            for number, frame in enumerate(container.decode(video=0))
            if number % EVERY == 0
        ]


if __name__ == "__main__":
    main()
