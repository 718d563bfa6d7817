"""One picture in a style, in this process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from PIL import Image

from style_pipeline.cli.places import destination, writing
from style_pipeline.cli.setup import models_of
from style_pipeline.look.setting_values import parse_size
from style_pipeline.media.resizing import LEAST_SIDE
from style_pipeline.media.still_pictures import is_still_picture, read_still_picture
from style_pipeline.preview import Preview
from style_pipeline.stylization.strokes import reduction


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
    ((style, model),) = models_of(networks, folder=folder).items()
    # A picture can be of another kind than the one that it is made of.
    given = output if output and is_still_picture(output.name) else file
    extension = given.suffix.removeprefix(".").lower()
    place = destination(output, file=file, style=style, extension=extension)
    picture = read_still_picture(file)
    if "size" in settings:
        wanted = parse_size(settings["size"])
        if not isinstance(wanted, tuple):
            wanted = (round(picture.width * wanted), round(picture.height * wanted))
        if min(wanted) < LEAST_SIDE:
            raise click.UsageError(f"{file}: it would be {wanted[0]}x{wanted[1]} pixels")
        profile = picture.info
        picture = picture.resize(wanted, Image.Resampling.LANCZOS)
        picture.info = profile
    try:
        factor = reduction(picture.size, settings.get("strokes", 1.0))
    except ValueError as error:
        raise click.UsageError(f"{file}: {error}") from None
    made = Preview().stylize(
        picture,
        model,
        strength=settings.get("strength", 1.0),
        preserve_colors=settings.get("preserve_colours", False),
        reduction=factor,
    )
    with writing(place):
        made.save(place, quality=92, icc_profile=made.info.get("icc_profile"))
    return {
        "picture": str(place),
        "style": style,
        "network": model.sha256[:12],
        "size": f"{made.width}x{made.height}",
    }
