"""`style-pipeline status`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from style_pipeline.cli.output import as_json, print_json, table
from style_pipeline.cli.setup import clear_errors, open_instance
from style_pipeline.durations import duration

if TYPE_CHECKING:
    from style_pipeline.overview.video_status import VideoStatus


@click.command(
    epilog="""\b
Examples:
  style-pipeline status
  style-pipeline status 'ink/*'
  style-pipeline status ink/holiday.mp4 --json | jq -r '.[].film'
  watch -n 10 style-pipeline status

Ends with 1 where one of them failed.
"""
)
@click.argument("videos", nargs=-1)
@as_json
@click.pass_context
def status(context: click.Context, videos: tuple[str, ...], as_json: bool) -> None:
    """How far each video is: chunks done, and the time left.

    VIDEOS are names below videos/, such as ink/holiday.mp4; * stands for anything. Without any,
    all are told that were taken since they were first dropped.
    """
    with clear_errors(), open_instance() as instance:
        from style_pipeline.overview.memory import video_statuses
        from style_pipeline.overview.video_status import State

        keys = chosen(videos, instance)
        found = video_statuses(instance, keys)
    if as_json:
        print_json([record(video) for video in found])
    elif found:
        click.echo(table(("VIDEO", "STATE", "CHUNKS", "TIME LEFT", ""), map(row, found)))
    else:
        click.echo("no video was taken yet: drop one into videos/<style>/ of the media store")
    if any(video.state is State.FAILED for video in found):
        context.exit(1)


def chosen(patterns: tuple[str, ...], instance: Any) -> list[str]:
    """Keys of the videos that were asked for. Raises `click.UsageError` where one is not known."""
    from fnmatch import fnmatchcase

    from style_pipeline.overview.memory import known_videos

    known = known_videos(instance)
    for pattern in patterns:
        if not any(fnmatchcase(key, pattern) for key in known):
            raise click.UsageError(
                f"there is no video {pattern!r}: `style-pipeline status` lists those that there are"
            )
    return [key for key in known if not patterns or any(fnmatchcase(key, p) for p in patterns)]


def record(video: VideoStatus) -> dict[str, Any]:
    """For programs."""
    left = video.seconds_left
    return {
        "video": video.key,
        "state": video.state,
        "chunks": len(video.chunks),
        "chunks_done": sum(video.chunks_done),
        "seconds_left": None if left is None else round(left),
        "film": video.film or None,
        "reason": video.reason or None,
    }


def row(video: VideoStatus) -> tuple[str, str, str, str, str]:
    """For people."""
    chunks = f"{sum(video.chunks_done)} of {len(video.chunks)}" if video.chunks else "-"
    left = video.seconds_left
    return (
        video.key,
        video.state,
        chunks,
        "-" if left is None else duration(left),
        video.reason or video.film,
    )
