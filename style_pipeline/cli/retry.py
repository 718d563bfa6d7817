"""`style-pipeline retry`"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.overview import chosen, list_media
from style_pipeline.cli.setup import clear_errors, open_instance, open_store_if_there

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from style_pipeline.status.video_status import VideoStatus


@click.command(
    epilog="""\b
Examples:
  style-pipeline retry ink/holiday.mp4
  style-pipeline retry 'ink/*' --dry-run
  style-pipeline retry --style night

What is done stays done, and nothing is started twice: a video that is being worked on is left
alone. The film follows by itself.
"""
)
@click.argument("videos", nargs=-1)
@click.option("-s", "--style", "styles", multiple=True, help="Go on with the training of a style.")
@click.option("--dry-run", is_flag=True, help="Tell what would be made again, and start nothing.")
@as_json
def retry(videos: tuple[str, ...], styles: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Backfill what is missing of a video, has failed, or was terminated or removed.

    VIDEOS are names as `style-pipeline status` shows them; * stands for anything.
    """
    if not (videos or styles):
        raise click.UsageError("which ones? Name videos, or the --style of a training")
    with clear_errors(), open_instance() as instance:
        from pipeline_kit.orchestration.backfill import launch_backfill
        from style_pipeline import partitions
        from style_pipeline.status.recorded import daemon_is_alive

        launched: list[dict[str, Any]] = []

        def launch(wanted: Mapping[str, Any], *, title: str, **about: Any) -> None:
            starts = wanted and not dry_run
            backfill = launch_backfill(instance, wanted, title=title) if starts else None
            launched.append({**about, "backfill": backfill})

        trainings = [*stopped_trainings(instance, styles)]
        for video, missing in lacking(instance, videos) if videos else ():
            wanted = partitions.partitions_of(video.key, missing)
            about = {"video": video.key, "state": video.state, "missing": missing}
            launch(wanted, title=f"retry {video.key}", **about)
        for style, state in trainings:
            wanted = {"style_model": (partitions.styles, [style])}
            about = {"style": style, "state": state, "missing": {"style_model": []}}
            launch(wanted, title=f"retry style {style}", **about)
        alive = daemon_is_alive(instance)
    if as_json:
        print_json(launched)
        return
    for one in launched:
        click.echo(said(one, dry_run=dry_run))
    if any(one["backfill"] for one in launched) and not alive:
        click.echo("no daemon runs on this instance: start `make dev`, which comes to it", err=True)


def lacking(
    instance: DagsterInstance, patterns: tuple[str, ...]
) -> Iterator[tuple[VideoStatus, dict[str, list[int]]]]:
    """Videos, and what has to be made again of each that nobody works on."""
    from style_pipeline.forgetting import lost_work
    from style_pipeline.object_names import Video
    from style_pipeline.status.recorded import known_videos, video_statuses
    from style_pipeline.status.video_status import State, missing

    keys = chosen(patterns, known_videos(instance))
    listing = list_media(instance)
    for note in listing.notes:
        click.echo(note, err=True)
    ops = open_store_if_there("ops")
    for video in map(listing.located, video_statuses(instance, keys)):
        if video.is_busy or video.state is State.DONE:
            yield video, {}
        else:
            done = [slot for slot, is_done in enumerate(video.chunks_done) if is_done]
            was_read = bool(video.steps["frames"].event)
            lost = lost_work(ops, Video(video.key), done=done) if ops and was_read else {}
            yield video, missing(video, lost=lost)


def stopped_trainings(
    instance: DagsterInstance, styles: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Each style with how its training ended. Raises `click.UsageError` where it did not stop."""
    if not styles:
        return
    stopped = {
        training.style: training.state
        for training in list_media(instance).trainings
        if training.state != "training"
    }
    for style in styles:
        if style not in stopped:
            raise click.UsageError(f"no training of {style!r} failed or was terminated")
        yield style, stopped[style]


def said(one: dict[str, Any], *, dry_run: bool) -> str:
    """For people."""
    name = one.get("video") or f"style {one['style']}"
    what = " and ".join(
        f"{asset} {', '.join(f'{n:03}' for n in slots)}".strip()
        for asset, slots in one["missing"].items()
    )
    if not what and one["state"] == "gone":
        return f"{name}: nothing can be made, as its file was removed: drop it again"
    if not what:
        return f"{name}: nothing to retry, it is {one['state']}"
    if dry_run:
        return f"{name}: would make {what}"
    return f"{name}: backfill {one['backfill']} makes {what}"
