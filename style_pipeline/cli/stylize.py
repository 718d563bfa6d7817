"""`style-pipeline stylize`"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from shutil import move
from typing import Any

import click

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.sizes import size
from style_pipeline.cli.bars import bar
from style_pipeline.cli.film_options import as_toml, chosen_settings, film_options
from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.places import check_place, writing
from style_pipeline.cli.setup import (
    clear_errors,
    models_of,
    networks_here,
    open_store_if_there,
)
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
            figures = make_picture(file, networks, output, settings, folder=folder)
        else:
            if file is None:
                file = SAMPLE
                file.parent.mkdir(exist_ok=True)
                write_clip(file)
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
    from style_pipeline.intake.videos import rejection
    from style_pipeline.media.still_pictures import is_still_picture
    from style_pipeline.object_names import Video

    if file and not file.is_file():
        raise click.UsageError(f"there is no file {file}")
    if file and output is None and not os.access(file.parent, os.W_OK):
        raise click.UsageError(f"nothing can be written beside {file}: say with -o where it goes")
    if output:
        check_place(output / "film" if output.is_dir() else output, source=file or SAMPLE)
    known = networks_here(STANDARD, style)
    if file and is_still_picture(file.name):
        return
    source = Video(f"{style}/{(file or SAMPLE).name}").source
    if reason := rejection(source, trained=known):
        raise click.UsageError(f"{file}: {reason}")


def make_picture(
    file: Path,
    networks: Mapping[str, str],
    output: Path | None,
    settings: Mapping[str, Any],
    *,
    folder: Path,
) -> dict[str, Any]:
    """Stylize a picture with the network of a style, put it into place, and return what is told of
    it."""
    from PIL import Image

    from style_pipeline.look.setting_values import parse_size
    from style_pipeline.media.resizing import LEAST_SIDE
    from style_pipeline.media.still_pictures import BadPicture, read_still_picture
    from style_pipeline.preview import Preview

    ((style, model),) = models_of(networks, folder=folder).items()
    extension = file.suffix.removeprefix(".").lower()
    place = destination(output, file=file, style=style, extension=extension)
    try:
        picture = read_still_picture(file)
    except BadPicture as error:
        raise click.ClickException(str(error)) from None
    if "size" in settings:
        wanted = parse_size(settings["size"])
        if not isinstance(wanted, tuple):
            wanted = (round(picture.width * wanted), round(picture.height * wanted))
        if min(wanted) < LEAST_SIDE:
            raise click.UsageError(f"{file}: it would be {wanted[0]}x{wanted[1]} pixels")
        profile = picture.info
        picture = picture.resize(wanted, Image.Resampling.LANCZOS)
        picture.info = profile
    made = Preview().stylize(
        picture,
        model,
        strength=settings.get("strength", 1.0),
        preserve_colors=settings.get("preserve_colours", False),
    )
    with writing(place):
        made.save(place, quality=92, icc_profile=made.info.get("icc_profile"))
    return {
        "picture": str(place),
        "style": style,
        "network": model.sha256[:12],
        "size": f"{made.width}x{made.height}",
    }


def make_film(
    file: Path,
    style: str,
    output: Path | None,
    settings: Mapping[str, Any],
    *,
    folder: Path,
    verbose: bool,
) -> dict[str, Any]:
    """Make the film, put it and its contact sheet into place, and return its figures."""
    import dagster as dg

    from style_pipeline.cli.one_film import Workplace
    from style_pipeline.media.containers import EXTENSIONS
    from style_pipeline.object_names import Video

    video = Video(f"{style}/{file.name}")
    with dg.DagsterInstance.ephemeral() as instance:
        work = Workplace(folder, video, instance, "INFO" if verbose else "CRITICAL")
        work.bring(file, library=open_store_if_there("ops"), settings=as_toml(settings))
        try:
            with bar("reading", hidden=verbose):
                sound, pictures = work.read()
            place = destination(
                output,
                file=file,
                style=style,
                extension=EXTENSIONS[sound["film_container"]][0],
                kind="film, with its sound,",
            )
            with bar("stylizing", hidden=verbose, length=pictures["frames"]):
                chunks = work.stylize(pictures["chunks"])
            with bar("checking", hidden=verbose):
                film = work.finish()
        except dg.Failure as error:
            raise click.ClickException(str(error.description)) from None
    sheet = place.with_name(f"{place.name}.jpg")
    with writing(place):
        move(film["film"], place)
        move(folder / "media" / video.contact_sheet, sheet)
        beside = move_beside(film, place)
    return {
        "film": str(place),
        "contact_sheet": str(sheet),
        "style": style,
        "network": str(film["model_hash"])[:12],
        **{name: film[name] for name in ("frames", "fps", "seconds", "audio_tracks")},
        **({"pictures": film["pictures"]} if "pictures" in film else {}),
        **{name: film[name] for name in ("left_out", "converted") if film[name] != "nothing"},
        **({"beside": beside} if beside else {}),
        "bytes": film["bytes"],
        "stylized_on": chunks[0]["device"],
        "stylized_at_fps": [chunk["fps"] for chunk in chunks],
    }


def move_beside(film: Mapping[str, Any], place: Path) -> str:
    """Put subtitles that the film cannot hold beside it, and name them."""
    if film["beside"] == "nothing":
        return ""
    moved = []
    for ending in film["beside"].splitlines():
        moved.append(str(place.with_suffix(f".{ending}")))
        move(Path(film["film"]).with_suffix(f".{ending}"), moved[-1])
    return "\n".join(moved)


def destination(
    output: Path | None, *, file: Path, style: str, extension: str, kind: str = "picture"
) -> Path:
    """Where the film or the picture goes. Raises `click.UsageError` where its name is for another
    kind of file."""
    default = f"{file.stem}-{style}.{extension}"
    if output is None:
        return file.with_name(default)
    if output.is_dir():
        return output / default
    if output.suffix.lower() != f".{extension}":
        raise click.UsageError(
            f"{output}: of {file.name}, the {kind} is a .{extension}: "
            f"name it {output.with_suffix(f'.{extension}')}"
        )
    return output
