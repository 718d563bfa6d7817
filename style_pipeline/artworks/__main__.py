"""``python -m style_pipeline.artworks``: write the artworks as pictures."""

from pathlib import Path

import click

from pipeline_kit.settings import end_where_wrong
from style_pipeline.artworks import ARTWORKS
from style_pipeline.settings import check_settings

QUALITY = 85


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1, type=click.Choice(list(ARTWORKS)))
def main(folder: Path, names: tuple[str, ...]) -> None:
    """Paint artworks, all or those that are named, and write them as JPEG files."""
    end_where_wrong(check_settings)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or ARTWORKS:
        path = folder / f"{name}.jpg"
        ARTWORKS[name]().save(path, quality=QUALITY, subsampling=0, optimize=True)


if __name__ == "__main__":
    main(prog_name="python -m style_pipeline.artworks")
