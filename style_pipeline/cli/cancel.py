"""`style-pipeline cancel`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.overview import chosen
from style_pipeline.cli.setup import clear_errors, open_instance

if TYPE_CHECKING:
    from dagster import DagsterInstance

PATIENCE = 60.0
"""Seconds in which runs should have ended that were told to."""
POLL = 0.5


@click.command(
    epilog="""\b
Examples:
  style-pipeline cancel ink/holiday.mp4
  style-pipeline cancel 'ink/*'

What is done stays done: `style-pipeline retry` goes on from there. Ends with 1 where something did
not end.
"""
)
@click.argument("videos", nargs=-1, required=True)
@as_json
@click.pass_context
def cancel(context: click.Context, videos: tuple[str, ...], as_json: bool) -> None:
    """Stop what is under way of a video: runs, queued runs, and what `retry` asked for.

    VIDEOS are names as `style-pipeline status` shows them; * stands for anything.
    """
    with clear_errors(), open_instance() as instance:
        from style_pipeline.status.recorded import known_videos

        ended = end_all(instance, chosen(videos, known_videos(instance)))
    if as_json:
        print_json(ended)
    else:
        for one in ended:
            click.echo(said(one))
    if any(one["running"] for one in ended):
        context.exit(1)


def end_all(instance: DagsterInstance, keys: list[str]) -> list[dict[str, Any]]:
    """Have all that is under way of these videos end, wait for it, and say what came of it."""
    from pipeline_kit.orchestration.partition_runs import (
        backfills,
        end_backfill,
        end_runs,
    )
    from style_pipeline.forgetting import video_runs, videos_of
    from style_pipeline.partitions import POLL_SECONDS

    shared: dict[str, list[str]] = {key: [] for key in keys}
    for backfill, wanted in backfills(instance):
        of = videos_of(wanted)
        if of <= set(keys):
            end_backfill(instance, backfill)
        else:
            for key in of & set(keys):
                shared[key].append(str(backfill.backfill_id))

    ended: dict[str, set[str]] = {key: set() for key in keys}
    running: dict[str, list[str]] = {}
    until = time.monotonic() + PATIENCE
    quiet_from = time.monotonic()
    # What was planned just now is asked for within one poll, and ended, too.
    while time.monotonic() < until and time.monotonic() < quiet_from + POLL_SECONDS + 1:
        running = {}
        for key in keys:
            for run in video_runs(instance, key, under_way=True):
                running.setdefault(key, []).append(run.run_id)
                if run.run_id not in ended[key]:
                    ended[key].add(run.run_id)
                    end_runs(instance, [run])
        if running:
            quiet_from = time.monotonic()
        elif not any(ended.values()):
            break
        time.sleep(POLL)
    return [
        {
            "video": key,
            "ended": len(ended[key]) - len(running.get(key, ())),
            "running": running.get(key, []),
            "backfills": shared[key],
        }
        for key in keys
    ]


def said(one: dict[str, Any]) -> str:
    """For people."""
    key, ended, running = one["video"], one["ended"], one["running"]
    parts = [f"{ended} run{'s' * (ended > 1)} canceled"] if ended else []
    if running:
        parts.append(f"still running: {', '.join(running)}: is its code server there?")
    parts += [f"backfill {b} also makes others: cancel it in the UI" for b in one["backfills"]]
    return f"{key}: {'; '.join(parts) or 'nothing is under way'}"
