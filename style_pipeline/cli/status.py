"""`style-pipeline status`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from pipeline_kit.durations import duration
from style_pipeline.cli.output import as_json, print_json, table
from style_pipeline.cli.setup import clear_errors, open_instance, open_store_if_there, trained_here

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from style_pipeline.intake.reports import Rejected
    from style_pipeline.status.video_status import VideoStatus


@click.command(
    epilog="""\b
Examples:
  style-pipeline status
  style-pipeline status 'ink/*'
  style-pipeline status ink/holiday.mp4 --json | jq -r '.[].film'
  watch -n 10 style-pipeline status

Ends with 1 where one of them failed, or was not taken.
"""
)
@click.argument("videos", nargs=-1)
@as_json
@click.pass_context
def status(context: click.Context, videos: tuple[str, ...], as_json: bool) -> None:
    """How far each video is: chunks done, and the time left.

    VIDEOS are names below videos/, such as ink/holiday.mp4; * stands for anything. Without any,
    all that were taken are listed, those that wait until their style is trained, and files that
    were not taken.
    """
    with clear_errors(), open_instance() as instance:
        from style_pipeline.status.recorded import known_videos, video_statuses
        from style_pipeline.status.video_status import State, in_order

        known = known_videos(instance)
        refused, untrained = not_taken(instance)
        waiting = {video.key: video for video in untrained if video.key not in known}
        keys = set(chosen(videos, [*known, *waiting, *(file.key for file in refused)]))
        found = video_statuses(instance, [key for key in known if key in keys])
        found = in_order([*found, *(waiting[key] for key in keys & waiting.keys())])
    failed = {video.key for video in found if video.state is State.FAILED}
    # A video that could not be read has a report too, which says the same.
    refused = [file for file in refused if file.key in keys - failed - waiting.keys()]
    if as_json:
        print_json([*map(rejected_record, refused), *map(record, found)])
    elif refused or found:
        rows = [*map(rejected_row, refused), *map(row, found)]
        click.echo(table(("VIDEO", "STATE", "CHUNKS", "TIME LEFT", ""), rows))
    else:
        click.echo("no video was taken yet: drop one into videos/<style>/ of the media store")
    if failed or refused:
        context.exit(1)


def not_taken(instance: DagsterInstance) -> tuple[list[Rejected], list[VideoStatus]]:
    """Files that were not taken, and videos that wait for their style; says so where that cannot be
    found out, and which styles are of a former version.
    """
    from pipeline_kit.storage.objects import StoreError
    from style_pipeline.intake.paintings import FOLDER, styles_with_painting
    from style_pipeline.status.former_styles import former_styles
    from style_pipeline.status.rejected import rejected_files
    from style_pipeline.status.untrained import waiting_videos

    try:
        media = open_store_if_there("media")
        if media is None:
            raise StoreError("the folder of the media store is not there")
        found, more = rejected_files(media)
        waiting = waiting_videos(media, trained=trained_here())
        for line in former_styles(instance, painted=styles_with_painting(media.list(FOLDER))):
            click.echo(line, err=True)
    except StoreError as error:
        click.echo(f"files that were not taken are not listed: {error}", err=True)
        return [], []
    if more:
        click.echo(f"{more} older files were not taken: see rejected/ beside videos/", err=True)
    return found, waiting


def chosen(patterns: tuple[str, ...], known: Sequence[str]) -> list[str]:
    """Keys of the videos that were asked for. Raises `click.UsageError` where one is not known."""
    from fnmatch import fnmatchcase

    for pattern in patterns:
        if not any(fnmatchcase(key, pattern) for key in known):
            raise click.UsageError(
                f"no video {pattern!r} was taken: `style-pipeline status` lists what was dropped"
            )
    return [key for key in known if not patterns or any(fnmatchcase(key, p) for p in patterns)]


EMPTY = {"chunks": 0, "chunks_done": 0, "seconds_left": None, "film": None, "time": None}


def record(video: VideoStatus) -> dict[str, Any]:
    """For programs."""
    left = video.seconds_left
    return {
        **EMPTY,
        "video": video.key,
        "state": video.state,
        "chunks": len(video.chunks),
        "chunks_done": sum(video.chunks_done),
        "seconds_left": None if left is None else round(left),
        "film": video.film or None,
        "reason": video.reason or None,
    }


def rejected_record(file: Rejected) -> dict[str, Any]:
    """For programs, with what a video has too."""
    told = {"video": file.key, "state": "rejected", "reason": file.reason}
    return {**EMPTY, **told, "time": file.time.isoformat()}


def row(video: VideoStatus) -> tuple[str, str, str, str, str]:
    """For people."""
    chunks = f"{sum(video.chunks_done)} of {len(video.chunks)}" if video.chunks else "-"
    left = "-" if video.seconds_left is None else duration(video.seconds_left)
    return (video.key, video.state, chunks, left, video.reason or video.film)


def rejected_row(file: Rejected) -> tuple[str, str, str, str, str]:
    """For people, in whose terminal no name gives orders."""
    said = f"{file.time:%Y-%m-%d %H:%M}: {file.reason}"
    name, said = ("".join(c if c.isprintable() else "?" for c in t) for t in (file.key, said))
    return (name, "rejected", "-", "-", said)
