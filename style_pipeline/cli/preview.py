"""`style-pipeline preview`"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline_kit.machine.scratch import scratch
from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.places import check_place, writing
from style_pipeline.cli.setup import clear_errors, models_of, networks_here
from style_pipeline.styles import FINE, STANDARD


def seconds(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """Of seconds, or of ``M:SS`` or ``H:MM:SS``."""
    if value is None:
        return None
    from style_pipeline.look.setting_values import parse_seconds

    try:
        return float(parse_seconds(value))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} should be {error}") from None


@click.command(
    epilog="""\b
Examples:
  style-pipeline preview holiday.mp4 --open
  style-pipeline preview holiday.mp4 --at 0:42 --style great-wave
  style-pipeline preview portrait.jpg -o sheet.png
"""
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--at", callback=seconds, help="The frame at this time, as 0:42.  [default: a telling one]"
)
@click.option("-s", "--style", help="Only this one, at several strengths.")
@click.option(
    "--quality",
    type=click.Choice([STANDARD, FINE]),
    default=STANDARD,
    show_default=True,
    help="Of the network; with fine, styles that have it.",
)
@click.option("--preserve-colours", is_flag=True, help="Stylize light and dark only.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The sheet.  [default: <name>-preview.jpg beside the file]",
)
@click.option("--open", "opened", is_flag=True, help="Show it once it is there.")
@as_json
def preview(
    file: Path,
    at: float | None,
    style: str | None,
    quality: str,
    preserve_colours: bool,
    output: Path | None,
    opened: bool,
    as_json: bool,
) -> None:
    """One frame of a video, or a picture, in every style, as one sheet.

    Takes seconds: it is how to choose before a film is made.
    """
    output = output or file.with_name(f"{file.stem}-preview.jpg")
    check_place(output, source=file)
    with clear_errors(), scratch() as folder:
        from style_pipeline.media.still_pictures import EXTENSIONS, is_still_picture

        if not is_still_picture(output.name):
            raise click.UsageError(f"{output}: a sheet is one of .{', .'.join(EXTENSIONS)}")
        chosen = networks_here(quality, *filter(None, [style]))
        from style_pipeline.media.telling import telling_picture
        from style_pipeline.preview import STRENGTHS, preview_sheet

        sheet = preview_sheet(
            telling_picture(file, at=at),
            models_of(chosen, folder=folder),
            caption=file.name,
            strengths=STRENGTHS if style else (1.0,),
            preserve_colors=preserve_colours,
        )
    with writing(output):
        sheet.save(output, quality=90)
    if as_json:
        print_json({"sheet": str(output), "styles": sorted(chosen)})
    else:
        click.echo(output)
    if opened:
        click.launch(str(output))
