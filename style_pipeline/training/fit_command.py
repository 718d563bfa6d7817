"""``fit``: a painting becomes a style in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import torch

from style_pipeline.artworks import ARTWORKS
from style_pipeline.styles import BODY_OF, STANDARD
from style_pipeline.stylization.model_file import load_body
from style_pipeline.training.fitting import FitProgress, Style
from style_pipeline.training.job import NEAREST, Job, drawn_artwork, read_artwork
from style_pipeline.training.perceptual_weights import load_perceptual
from style_pipeline.training.photographs import photographs_in
from style_pipeline.training.recipe import FitRecipe

FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
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
    found = photographs_in(photographs)
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
