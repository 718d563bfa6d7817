"""Options of `stylize` that say what a `style.toml` says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from style_pipeline.styles import FINE, STANDARD

Command = TypeVar("Command", bound=Callable[..., Any])

OF_PICTURES: Final = ("strength", "preserve_colours", "strokes", "quality", "size")
"""Settings that a single picture can have, too."""

_OPTIONS: Final = (
    click.option(
        "--strength", type=click.FloatRange(0, 1), help="0: the source; 1: all of the style."
    ),
    click.option(
        "--preserve-colours", is_flag=True, default=None, help="Stylize light and dark only."
    ),
    click.option("--strokes", type=float, help="Times as large as the size gives."),
    click.option(
        "--quality",
        type=click.Choice([STANDARD, FINE]),
        help="Of the network; fine takes three times as long.  [default: standard]",
    ),
    click.option("--size", help="Of the film, as 1280x720 or 50%."),
    click.option("--from", help="Where the film begins in the video, as 0:42 or 42."),
    click.option("--to", help="Where it ends."),
    click.option("--codec", type=click.Choice(["h264", "hevc", "av1"]), help="[default: h264]"),
    click.option("--bits", type=click.Choice(["8", "10"]), help="Of a sample.  [default: 8]"),
    click.option(
        "--hdr", type=click.Choice(["tone-map", "keep"]), help="HDR.  [default: tone-map]"
    ),
    click.option(
        "--interlaced",
        type=click.Choice(["deinterlace", "keep"]),
        help="Interlaced pictures.  [default: deinterlace]",
    ),
    click.option(
        "--damaged",
        type=click.Choice(["refuse", "conceal"]),
        help="Damage in the middle.  [default: refuse]",
    ),
)
NAMES: Final = (
    *("strength", "preserve_colours", "strokes", "quality", "size", "from", "to"),
    *("codec", "bits", "hdr", "interlaced", "damaged"),
)


def film_options(command: Command) -> Command:
    """Give a command all of them; it is called with `NAMES`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_settings(options: Mapping[str, Any], *, of_picture: bool) -> dict[str, Any]:
    """What was chosen, as a `style.toml` has it. Raises `click.UsageError`."""
    from style_pipeline.look.style_toml import BadSettings, check_settings

    chosen = {name: options[name] for name in NAMES if options[name] is not None}
    if "bits" in chosen:
        chosen["bits"] = int(chosen["bits"])
    if of_picture and (others := chosen.keys() - OF_PICTURES):
        raise click.UsageError(f"--{min(others)} is for videos, not for pictures")
    try:
        check_settings(chosen, name="stylize")
    except BadSettings as error:
        raise click.UsageError(str(error)) from None
    return chosen


def as_toml(settings: Mapping[str, Any]) -> str:
    """The `style.toml` that says so."""
    # Of plain values, JSON and TOML are the same.
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
