"""`style-pipeline explain`"""

from dataclasses import asdict
from pathlib import Path

import click

from style_pipeline.cli.output import as_json, print_json, printable


@click.command(
    epilog="""\b
Examples:
  style-pipeline explain holiday-ink.mp4
  style-pipeline explain media/styled/ink/holiday.mp4 --json | jq .settings

It needs no store: a film that was copied elsewhere says as much.
"""
)
@click.argument("film", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@as_json
def explain(film: Path, as_json: bool) -> None:
    """By what a film was made: style, networks, settings and version."""
    from style_pipeline.look.recipe import NoRecipe, read_recipe
    from style_pipeline.media.sandbox import sandboxed
    from style_pipeline.media.source import UnreadableVideo

    try:
        recipe = sandboxed(read_recipe, film)
    except NoRecipe as error:
        raise click.ClickException(error.advice()) from None
    except UnreadableVideo as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json(asdict(recipe))
        return
    rows = {
        "style": recipe.style,
        **{f"network of {style}": sha256 for style, sha256 in recipe.networks.items()},
        **{name: str(value) for name, value in recipe.settings.items()},
        "version": recipe.version,
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        click.echo(printable(f"{name:{width}}  {value}"))
