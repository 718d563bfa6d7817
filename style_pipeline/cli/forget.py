"""`style-pipeline forget`"""

from __future__ import annotations

import time
from typing import Any

import click

from pipeline_kit.durations import in_seconds
from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.overview import chosen
from style_pipeline.cli.setup import clear_errors, open_instance, open_store


def age(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """In seconds."""
    try:
        return None if value is None else in_seconds(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(
    epilog="""\b
Examples:
  style-pipeline forget ink/holiday.mp4
  style-pipeline forget ink/holiday.mp4 --film
  style-pipeline forget --older-than 30d --dry-run

The file that was dropped stays. It is not taken again until it changes: `touch` does in a folder,
and elsewhere another upload. Ends with 1 where one of them is under way.
"""
)
@click.argument("videos", nargs=-1)
@click.option(
    "--older-than",
    callback=age,
    metavar="AGE",
    help="Those of which nothing was made for so long.",
)
@click.option("--film", is_flag=True, help="Delete the film, too, and what lies beside it.")
@click.option("--dry-run", is_flag=True, help="Tell what would be forgotten, and do nothing.")
@as_json
@click.pass_context
def forget(
    context: click.Context,
    videos: tuple[str, ...],
    older_than: int | None,
    film: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Delete what is kept of a video: its partition, runs and work files. Films stay.

    VIDEOS are names as `style-pipeline status` shows them; * stands for anything. One of which
    something is under way is left alone: `cancel` it first.
    """
    if not videos and older_than is None:
        raise click.UsageError("which ones? Name videos, or say --older-than 30d")
    with clear_errors(), open_instance() as instance:
        from style_pipeline.forgetting import count_again, forget, under_way, untouched_since
        from style_pipeline.object_names import Video
        from style_pipeline.status.recorded import known_videos

        keys = chosen(videos, known_videos(instance))
        if older_than is not None:
            keys = untouched_since(instance, keys, time=time.time() - older_than)
        told: list[dict[str, Any]] = []
        media, ops = (open_store(name) for name in ("media", "ops"))
        for key in keys:
            busy = under_way(instance, key)
            told.append({"video": key, "under_way": busy, "forgotten": not (busy or dry_run)})
            if not (busy or dry_run):
                done = forget(instance, media, ops, Video(key), film=film)
                told[-1] |= vars(done)
            if not as_json:
                click.echo(said(told[-1]), err=bool(busy))
        if any(one["forgotten"] for one in told):
            count_again(instance)
    if as_json:
        print_json(told)
    elif not keys:
        click.echo("nothing to forget")
    if any(one["under_way"] for one in told):
        context.exit(1)


def said(one: dict[str, Any]) -> str:
    """For people."""
    if one["under_way"]:
        return (
            f"{one['video']}: not forgotten, as {one['under_way']} is under way: "
            f"`style-pipeline cancel {one['video']}`"
        )
    if not one["forgotten"]:
        return f"{one['video']}: would be forgotten"
    delivered = f", {one['delivered']} delivered" if one["delivered"] else ""
    return f"{one['video']}: forgotten, with {one['work_files']} work files{delivered}"
