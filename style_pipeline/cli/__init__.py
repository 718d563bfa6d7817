"""`style-pipeline`, for those who live in a shell: one file a command, thin over the rest.

Commands import what they need when they run, so that help is there at once.
"""

import click

from style_pipeline.cli.cancel import cancel
from style_pipeline.cli.clean import clean
from style_pipeline.cli.doctor import doctor
from style_pipeline.cli.explain import explain
from style_pipeline.cli.forget import forget
from style_pipeline.cli.preview import preview
from style_pipeline.cli.retry import retry
from style_pipeline.cli.sas import sas
from style_pipeline.cli.setup import with_checked_settings
from style_pipeline.cli.status import status
from style_pipeline.cli.styles import styles
from style_pipeline.cli.stylize import stylize

EXIT_CODES = """\b
Exit codes:
  0  all is well
  1  it failed, or what it reports has failed
  2  the command or a setting is wrong, and nothing was done
"""


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="style_pipeline", message="%(prog)s %(version)s")
def main() -> None:
    """Turn videos into paintings, and see how far they are.

    \b
    style-pipeline preview holiday.mp4 --open         see one frame in every style
    style-pipeline stylize holiday.mp4 --style ink    make one film here and now
    style-pipeline explain holiday-ink.mp4            by what a film was made
    style-pipeline status --watch                     how far those are that were dropped
    style-pipeline retry ink/holiday.mp4              finish one that failed
    style-pipeline doctor                             what is wrong with this machine

    Settings are the environment variables STYLE_PIPELINE_..., and those in the file .env of the
    folder where it is run, as for `make dev`.
    """
    from dotenv import load_dotenv

    # As Dagster does it: what the file says counts.
    load_dotenv(".env", override=True)


COMMANDS = (status, stylize, preview, explain, styles, retry, cancel, forget, clean, sas, doctor)
for command in COMMANDS:
    if command is not doctor:  # which reports everything that is wrong
        command.callback = with_checked_settings(command.callback)
    main.add_command(command)
