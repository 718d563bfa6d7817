"""`style-pipeline styles`"""

from collections.abc import Mapping

import click

from style_pipeline.cli.output import as_json, print_json, table
from style_pipeline.cli.setup import clear_errors, open_store_if_there, trained_here
from style_pipeline.styles import FINE


@click.command(
    epilog="""\b
Examples:
  style-pipeline styles
  style-pipeline styles --json | jq -r '.[].style'
"""
)
@as_json
def styles(as_json: bool) -> None:
    """Styles that there are, and paintings that are still trained."""
    with clear_errors():
        from style_pipeline.intake.paintings import (
            FOLDER,
            fine_paintings,
            style_key,
            styles_with_painting,
        )
        from style_pipeline.resources.models import shipped_networks

        media = open_store_if_there("media")
        shipped, trained, fine = shipped_networks(), trained_here(), trained_here(FINE)
        pictures = media.list(FOLDER) if media else []
        with_painting = styles_with_painting(pictures)
        to_fit = {style_key(found.name) for found in fine_paintings(pictures)}

    def origin(style: str) -> str:
        if style not in trained:
            return "not trained yet: new_styles starts it by itself"
        return "shipped" if trained[style] == shipped.get(style) else "trained here"

    def shown(one: Mapping[str, str | None]) -> str:
        said = str(one["origin"])
        if one["fine"]:
            return f"{said}; fine: {one['fine'][:12]}"
        is_fitted = one["network"] and one["style"] in to_fit
        return f"{said}; fine: fitted once a style.toml asks for it" if is_fitted else said

    found = [
        {
            "style": style,
            "network": trained.get(style),
            "fine": fine.get(style),
            "origin": origin(style),
        }
        for style in sorted({*trained, *with_painting})
    ]
    if as_json:
        print_json(found)
    else:
        rows = [(str(s["style"]), (s["network"] or "-")[:12], shown(s)) for s in found]
        click.echo(table(("STYLE", "NETWORK", "ORIGIN"), rows))
