"""`style-pipeline sas`"""

import click

from style_pipeline.cli.output import as_json, print_json
from style_pipeline.cli.setup import clear_errors, open_store


@click.command(
    epilog="""\b
Examples:
  style-pipeline sas ink/holiday.mp4
  curl -T holiday.mp4 -H 'x-ms-blob-type: BlockBlob' "$(style-pipeline sas ink/holiday.mp4)"
  azcopy copy 'trip/*' "$(style-pipeline sas ink --hours 72)"
"""
)
@click.argument("where")
@click.option("--hours", type=float, default=24, show_default=True, help="How long it is valid.")
@as_json
def sas(where: str, hours: float, as_json: bool) -> None:
    """Mint a link by which someone outside can add videos, and do nothing else.

    WHERE is a style's folder, to which any number of files can be added (in accounts with a
    hierarchical namespace), or one file in it, which can be uploaded once. Nothing can be read,
    listed, replaced or deleted with it. Whoever has the link can use it: send it to nobody else.
    """
    with clear_errors():
        from pipeline_kit.orchestration.ledger import WAITS
        from style_pipeline.intake.names import FOLDER
        from style_pipeline.intake.paintings import FOLDER as PAINTINGS
        from style_pipeline.intake.paintings import styles_with_painting
        from style_pipeline.intake.videos import rejection
        from style_pipeline.resources.models import trained_styles

        media = open_store("media")
        place = f"{FOLDER}/{where.strip('/')}"
        is_folder = "/" not in where.strip("/")
        refused = rejection(
            f"{place}/clip.mp4" if is_folder else place,
            trained=trained_styles(open_store("ops")),
            with_painting=styles_with_painting(media.list(PAINTINGS)),
        )
        if refused and not refused.startswith(WAITS):
            raise click.UsageError(f"{place}: {refused}")
        mint = media.upload_folder_link if is_folder else media.upload_link
        link = mint(place, hours=hours)
    if as_json:
        print_json({"url": link, "place": place, "hours": hours})
    else:
        click.echo(link)
