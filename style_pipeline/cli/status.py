"""`style-pipeline status`"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from style_pipeline.cli.output import as_json, print_json, screen
from style_pipeline.cli.overview import overview
from style_pipeline.cli.setup import clear_errors, open_instance

if TYPE_CHECKING:
    from style_pipeline.cli.status_table import Overview
    from style_pipeline.intake.reports import Rejected
    from style_pipeline.status.trainings import TrainingStatus
    from style_pipeline.status.video_status import VideoStatus

POLL_SECONDS = 5


@click.command(
    epilog="""\b
Examples:
  style-pipeline status
  style-pipeline status 'ink/*' --watch
  style-pipeline status ink/holiday.mp4 --json | jq -r '.[].film'

States:
  failed     it says why; `retry` tries again
  canceled   somebody terminated it; `retry` goes on
  removed    its film was there and is gone; `retry` makes it again
  waiting    for its turn, or until its style is trained
  gone       the dropped file was removed before there was a film
  rejected   the file was not taken; it says why

Ends with 1 where one of them failed, or was not taken.
"""
)
@click.argument("videos", nargs=-1)
@click.option("--all", "show_all", is_flag=True, help="Also films that do not fit on the screen.")
@click.option("--watch", is_flag=True, help="Show it again every few seconds, until Ctrl-C.")
@as_json
@click.pass_context
def status(
    context: click.Context, videos: tuple[str, ...], show_all: bool, watch: bool, as_json: bool
) -> None:
    """How far each video is: chunks done, and the time left at the pace of now.

    VIDEOS are names below videos/, such as ink/holiday.mp4; * stands for anything. Without any,
    all that were taken are listed, those that wait until their style is trained, trainings, and
    last files that were not taken.
    """
    if watch and as_json:
        raise click.UsageError("--watch is for people: leave out --json")
    with clear_errors(), open_instance() as instance:

        def poll() -> Overview:
            seen = overview(instance, videos)
            if as_json:
                print_json(records(seen))
            else:
                show(seen, show_all=show_all or bool(videos), again=watch)
            for note in seen.notes:
                click.echo(note, err=True)
            return seen

        seen = watching(poll) if watch else poll()
    if seen.refused or any(video.state == "failed" for video in seen.videos):
        context.exit(1)


def watching(poll: Callable[[], Overview]) -> Overview:
    """Poll again and again until somebody interrupts; what was seen last."""
    seen = poll()
    try:
        while True:
            pause()
            seen = poll()
    except KeyboardInterrupt:
        return seen


def pause() -> None:
    time.sleep(POLL_SECONDS)


def show(seen: Overview, *, show_all: bool, again: bool) -> None:
    """For people; over what was shown before where it is shown `again`."""
    from style_pipeline.cli.status_table import rendered

    lines = rendered(seen, screen(), all_done=show_all)
    if not (seen.videos or seen.trainings or seen.refused):
        lines = ["no video was taken yet: drop one into videos/<style>/ of the media store"]
    if again:
        click.clear()
    # click leaves colors away where there is no terminal, and takes no notice of NO_COLOR.
    click.echo("\n".join(lines), color=False if os.environ.get("NO_COLOR") else None)
    waits = any(video.is_busy or video.state == "waiting" for video in seen.videos)
    if waits and not seen.goes_on:
        note = "no daemon runs on this instance: nothing follows until `make dev` runs"
        click.echo(note, err=True)


def records(seen: Overview) -> list[dict[str, Any]]:
    """For programs: rejected files last."""
    return [
        *map(record, seen.videos),
        *map(training_record, seen.trainings),
        *map(rejected_record, seen.refused),
    ]


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


def training_record(training: TrainingStatus) -> dict[str, Any]:
    """For programs, with what a video has too."""
    left = training.seconds_left
    return {
        **EMPTY,
        "video": None,
        "style": training.style,
        "state": training.state,
        "iterations": training.iterations,
        "iterations_done": training.iteration,
        "seconds_left": None if left is None else round(left),
        "reason": training.reason or None,
    }
