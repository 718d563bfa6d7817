"""`style-pipeline doctor`"""

from dataclasses import asdict

import click

from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.setup import dagster_home


@click.command(
    epilog="""\b
Examples:
  style-pipeline doctor
  style-pipeline doctor --json

Ends with 1 where something keeps films from being made; warnings do not count. It writes an
object into each store and removes it; that a pod in a cluster may not is a warning.
"""
)
@as_json
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check settings, stores, GPU, ffmpeg, disk and Dagster, and say what to fix."""
    from style_pipeline.status.checkup import Level, check_up

    try:
        home = dagster_home()
    except click.UsageError:
        home = None
    findings = []
    for finding in check_up(home):
        findings.append(finding)
        if not as_json:
            click.echo(f"{finding.level:8} {finding.what}: {finding.found}")
            if finding.remedy:
                click.echo(f"{'':8} -> {finding.remedy}")
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.level is Level.PROBLEM for finding in findings):
        context.exit(1)
