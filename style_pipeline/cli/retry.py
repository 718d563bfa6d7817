"""`style-pipeline retry`"""

from typing import Any

import click

from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.setup import clear_errors, open_instance
from style_pipeline.cli.status import chosen


@click.command(
    epilog="""\b
Examples:
  style-pipeline retry ink/holiday.mp4
  style-pipeline retry 'ink/*' --dry-run

What is done stays done, and nothing is started twice: a video that is being worked on is left
alone. The film follows by itself.
"""
)
@click.argument("videos", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Tell what would be made again, and start nothing.")
@as_json
def retry(videos: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Backfill what is missing of a video, or has failed.

    VIDEOS are names as `style-pipeline status` shows them; * stands for anything.
    """
    with clear_errors(), open_instance() as instance:
        from pipeline_kit.orchestration.backfill import launch_backfill
        from style_pipeline.partitions import partitions_of
        from style_pipeline.status.recorded import daemon_is_alive, known_videos, video_statuses
        from style_pipeline.status.video_status import missing

        launched: list[dict[str, Any]] = []
        for video in video_statuses(instance, chosen(videos, known_videos(instance))):
            wanted = {} if video.is_busy else missing(video)
            launched.append(
                {
                    "video": video.key,
                    "state": video.state,
                    "missing": wanted,
                    "backfill": launch_backfill(
                        instance, partitions_of(video.key, wanted), title=f"retry {video.key}"
                    )
                    if wanted and not dry_run
                    else None,
                }
            )
        alive = daemon_is_alive(instance)
    if as_json:
        print_json(launched)
        return
    for one in launched:
        what = " and ".join(
            f"{asset} {', '.join(f'{n:03}' for n in slots)}".strip()
            for asset, slots in one["missing"].items()
        )
        if not what:
            click.echo(f"{one['video']}: nothing to retry, it is {one['state']}")
        elif dry_run:
            click.echo(f"{one['video']}: would make {what}")
        else:
            click.echo(f"{one['video']}: backfill {one['backfill']} makes {what}")
    if any(one["backfill"] for one in launched) and not alive:
        click.echo("no daemon runs on this instance: start `make dev`, which comes to it", err=True)
