"""`style-pipeline clean`"""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline_kit.sizes import size
from style_pipeline.cli.output import as_json, print_json, table
from style_pipeline.cli.setup import clear_errors, open_instance, open_store, open_store_if_there


@click.command(
    epilog="""\b
Examples:
  style-pipeline clean
  style-pipeline clean --yes

That is work files of videos that were forgotten, previous networks that no film is made with, and
checkpoints of trainings whose painting is gone. Videos, paintings and films are never among it.
"""
)
@click.option("--yes", is_flag=True, help="Delete it.")
@as_json
def clean(yes: bool, as_json: bool) -> None:
    """List what belongs to nothing any more, and with --yes delete it."""
    with clear_errors(), open_instance() as instance:
        from pipeline_kit.orchestration.partition_runs import partitions_under_way
        from style_pipeline.leftovers import find_leftovers
        from style_pipeline.status.recorded import known_videos

        ops = open_store_if_there("ops")
        if ops is None:
            found = []
        else:
            found = find_leftovers(
                open_store("media"),
                ops,
                known=lambda: known_videos(instance),
                in_training=lambda: partitions_under_way(instance),
            )
        if any(each.name.startswith("work/") for each in found) and not known_videos(instance):
            raise click.UsageError(
                "this instance knows no video, but there are work files: is DAGSTER_HOME the one "
                "that makes films here?"
            )
        if yes and ops:
            for each in found:
                ops.delete(each.name)
    if as_json:
        print_json([{**asdict(each), "deleted": yes} for each in found])
        return
    if found:
        rows = [(each.name, size(each.size), each.why) for each in found]
        click.echo(table(("OBJECT", "SIZE", ""), rows))
    count, total = len(found), size(sum(each.size for each in found))
    objects = f"{count} object{'s' * (count != 1)}, {total}"
    if not found:
        click.echo("nothing to clean")
    elif yes:
        click.echo(f"deleted: {objects}")
    else:
        click.echo(f"{objects}: nothing is deleted yet, `style-pipeline clean --yes` does")
