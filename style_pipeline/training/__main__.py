"""``python -m style_pipeline.training``: fit a style to a painting, or train a body."""

from typing import Any

import click

from pipeline_kit.errors import PermanentError, TransientError
from pipeline_kit.settings import end_where_wrong
from style_pipeline.settings import check_settings
from style_pipeline.training.body_command import body
from style_pipeline.training.fit_command import fit


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (PermanentError, TransientError, FileNotFoundError) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Commands)
def main() -> None:
    """Train what stylizes."""
    end_where_wrong(check_settings)


main.add_command(fit)
main.add_command(body)

if __name__ == "__main__":
    main()
