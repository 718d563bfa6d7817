"""``python -m style_pipeline.artworks``: write the artworks as pictures."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from style_pipeline.artworks import ARTWORKS

QUALITY = 85


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Paint artworks and write them as JPEG files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="name", help=f"{', '.join(ARTWORKS)}; or all")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - ARTWORKS.keys()):
        parser.error(f"no artwork is called {unknown[0]!r}: there are {', '.join(ARTWORKS)}.")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or ARTWORKS:
        path = options.folder / f"{name}.jpg"
        ARTWORKS[name]().save(path, quality=QUALITY, subsampling=0, optimize=True)


if __name__ == "__main__":
    main()
