"""`style-pipeline status`"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from style_pipeline.cli.output import as_json, print_json, screen
from style_pipeline.cli.setup import clear_errors, open_instance, open_store_if_there, trained_here
from style_pipeline.styles import FINE

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from pipeline_kit.storage.store import Store
    from style_pipeline.cli.status_table import Overview
    from style_pipeline.intake.reports import Rejected
    from style_pipeline.status.trainings import TrainingStatus
    from style_pipeline.status.video_status import VideoStatus

SECONDS_BETWEEN_LOOKS = 5


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

        def look() -> Overview:
            seen = overview(instance, videos)
            if as_json:
                print_json(records(seen))
            else:
                show(seen, show_all=show_all or bool(videos), again=watch)
            return seen

        seen = watching(look) if watch else look()
    if seen.refused or any(video.state == "failed" for video in seen.videos):
        context.exit(1)


def watching(look: Callable[[], Overview]) -> Overview:
    """Look again and again until somebody interrupts; the last look."""
    seen = look()
    try:
        while True:
            pause()
            seen = look()
    except KeyboardInterrupt:
        return seen


def pause() -> None:
    time.sleep(SECONDS_BETWEEN_LOOKS)


def overview(instance: DagsterInstance, patterns: tuple[str, ...]) -> Overview:
    """What is known of the videos that were asked for."""
    from style_pipeline.cli.status_table import Overview
    from style_pipeline.status.recorded import daemon_is_alive, known_videos, video_statuses
    from style_pipeline.status.video_status import State, in_order

    known = known_videos(instance)
    lying = what_lies(instance)
    waiting = {video.key: video for video in lying.untrained if video.key not in known}
    names = [*known, *waiting, *(file.key for file in lying.refused)]
    keys = set(chosen(patterns, names))
    found = video_statuses(instance, [key for key in known if key in keys])
    found = in_order([*map(lying.located, found), *(waiting[key] for key in keys & waiting.keys())])
    # A video that could not be read has a report too, which says the same.
    told = {video.key for video in found if video.state in (State.FAILED, State.GONE)}
    refused = [file for file in lying.refused if file.key in keys - told - waiting.keys()]
    return Overview(
        videos=found,
        trainings=() if patterns else lying.trainings,
        refused=refused,
        films=lying.media.location("styled") if lying.media else "",
        goes_on=daemon_is_alive(instance),
    )


@dataclass(frozen=True)
class Lying:
    """What lies in the media store; nothing where that cannot be found out."""

    media: Store | None = None
    refused: Sequence[Rejected] = ()
    untrained: Sequence[VideoStatus] = ()
    trainings: Sequence[TrainingStatus] = ()
    located: Callable[[VideoStatus], VideoStatus] = lambda video: video
    """The video, with whether its source and its film are there."""


def what_lies(instance: DagsterInstance) -> Lying:
    """Looks through the media store; says so where that cannot be done, and which styles are of a
    former version.
    """
    from pipeline_kit.storage.objects import StoreError
    from style_pipeline.intake.paintings import FOLDER, styles_with_painting
    from style_pipeline.status.former_styles import former_styles
    from style_pipeline.status.rejected import rejected_files
    from style_pipeline.status.trainings import held_up, training_statuses
    from style_pipeline.status.untrained import waiting_videos
    from style_pipeline.status.whereabouts import whereabouts

    try:
        media = open_store_if_there("media")
        if media is None:
            raise StoreError("the folder of the media store is not there")
        refused, more = rejected_files(media)
        waiting = waiting_videos(media, trained=trained_here(), fitted=lambda: trained_here(FINE))
        painted = styles_with_painting(media.list(FOLDER))
        located = whereabouts(media).of
        for line in former_styles(instance, with_painting=painted):
            click.echo(line, err=True)
    except StoreError as error:
        click.echo(f"files that were not taken are not listed: {error}", err=True)
        return Lying()
    if more:
        click.echo(f"{more} older files were not taken: see rejected/ beside videos/", err=True)
    trainings = training_statuses(instance, with_painting=painted)
    untrained = [held_up(video, trainings) for video in waiting]
    return Lying(media, refused, untrained, trainings, located)


def show(seen: Overview, *, show_all: bool, again: bool) -> None:
    """For people; over what was shown before where it is shown `again`."""
    from style_pipeline.cli.status_table import rendered

    lines = rendered(seen, screen(), all_done=show_all)
    if not (seen.videos or seen.trainings or seen.refused):
        lines = ["no video was taken yet: drop one into videos/<style>/ of the media store"]
    if again:
        click.clear()
    click.echo("\n".join(lines))
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
