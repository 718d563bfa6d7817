"""`style-pipeline stylize`"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.sizes import size
from style_pipeline.cli.film_options import chosen_settings, film_options
from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.places import check_place
from style_pipeline.cli.setup import clear_errors, networks_here
from style_pipeline.styles import STANDARD

SAMPLE = Path("demo/lake.mp4")
"""Where the clip is that is generated: beside the project's files, not among them."""


@click.command(
    epilog="""\b
Examples:
  style-pipeline stylize holiday.mp4 --style ink
  style-pipeline stylize holiday.mov -s udnie -o films/holiday.mov.mp4 --strength 0.7
  style-pipeline stylize concert.mp4 -s ink --from 1:30 --to 2:00 --size 1280x720 --codec hevc
  style-pipeline stylize portrait.jpg -s great-wave
  style-pipeline stylize -s great-wave

Nothing is kept but the film and its contact sheet, and a clip that was generated. An interrupted
one starts again: for long films there is `make dev`, which resumes.
"""
)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("-s", "--style", default="starry-night", show_default=True, help="One of `styles`.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where the film goes: a file or a folder.  [default: <name>-<style> beside the file]",
)
@film_options
@click.option("-v", "--verbose", is_flag=True, help="Show Dagster's log instead of a bar.")
@as_json
def stylize(
    file: Path | None,
    style: str,
    output: Path | None,
    verbose: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make one film here and now, without a daemon.

    FILE is a video; without one, a short clip is generated, demo/lake.mp4. It goes through the
    same steps and checks as a video that is dropped. A picture (JPEG, PNG or WebP) becomes a
    picture. What the film looks like over time is for a `style.toml` beside a video that is
    dropped.
    """
    started = time.monotonic()
    with clear_errors(), scratch() as folder:
        refuse(file, style, output)
        from style_pipeline.cli.sample_clip import write_clip
        from style_pipeline.media.still_pictures import is_still_picture

        of_picture = bool(file and is_still_picture(file.name))
        settings = chosen_settings(options, of_picture=of_picture)
        networks = networks_here(settings.get("quality", STANDARD), style)
        if file and of_picture:
            from style_pipeline.cli.one_picture import make_picture

            figures = make_picture(file, networks, output, settings, folder=folder)
        else:
            if file is None:
                file = SAMPLE
                file.parent.mkdir(exist_ok=True)
                write_clip(file)
            from style_pipeline.cli.one_film import make_film

            work = folder / "work"
            figures = make_film(file, style, output, settings, folder=work, verbose=verbose)
    figures["seconds_taken"] = round(time.monotonic() - started, 1)
    if as_json:
        print_json(figures)
    else:
        for name, value in figures.items():
            value = size(value) if name == "bytes" else value
            name = "size" if name == "bytes" else name.replace("_", " ")
            click.echo(f"{name:16} {shown(value)}")


def shown(figure: object) -> str:
    """For people: of a figure of each chunk, the least and the most."""
    if not isinstance(figure, list):
        return str(figure)
    least, most = min(figure), max(figure)
    return str(least) if least == most else f"{least} to {most}"


def refuse(file: Path | None, style: str, output: Path | None) -> None:
    """Raises `click.UsageError` where the file cannot be stylized so."""
    from pipeline_kit.orchestration.names import wrong_kind
    from style_pipeline.intake.names import EXTENSIONS
    from style_pipeline.intake.videos import rejection
    from style_pipeline.media.still_pictures import EXTENSIONS as PICTURES
    from style_pipeline.media.still_pictures import is_still_picture
    from style_pipeline.object_names import Video

    if file and not file.is_file():
        raise click.UsageError(f"there is no file {file}")
    if file and output is None and not os.access(file.parent, os.W_OK):
        raise click.UsageError(f"nothing can be written beside {file}: say with -o where it goes")
    if output:
        check_place(output / "film" if output.is_dir() else output, source=file or SAMPLE)
    network = networks_here(STANDARD, style)
    if file and is_still_picture(file.name):
        return
    source = Video(f"{style}/{(file or SAMPLE).name}").source
    if reason := rejection(source, trained=network):
        is_other = wrong_kind(source, "video", EXTENSIONS) == reason
        further = f"; or a picture to one of {', '.join(PICTURES)}" if is_other else ""
        raise click.UsageError(f"{file}: {reason}{further}")
