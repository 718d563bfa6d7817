"""Where commands put files: checked before the work, written with one line of what went wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


def check_place(place: Path, *, source: Path) -> None:
    """Raises `click.UsageError` where a file made of `source` cannot be written there."""
    if place.exists() and source.exists() and place.samefile(source):
        raise click.UsageError(f"{place} is what it would be made of: say with -o where it goes")
    above = next(parent for parent in place.absolute().parents if parent.exists())
    if not above.is_dir():
        raise click.UsageError(f"{above} is no folder: say with -o where it goes")
    if not os.access(above, os.W_OK | os.X_OK):
        raise click.UsageError(f"nothing can be written in {above}: say with -o where it goes")


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Make its folder. Raises `click.ClickException` where that, or what is done then, fails."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise click.ClickException(
            f"{place} cannot be written: {error.strerror or error}"
        ) from None


def destination(
    output: Path | None, *, file: Path, style: str, extension: str, kind: str = "picture"
) -> Path:
    """Where the film or the picture goes. Raises `click.UsageError` where its name is for another
    kind of file."""
    default = f"{file.stem}-{style}.{extension}"
    if output is None:
        return file.with_name(default)
    if output.is_dir():
        return output / default
    if output.suffix.lower() != f".{extension}":
        raise click.UsageError(
            f"{output}: of {file.name}, the {kind} is a .{extension}: "
            f"name it {output.with_suffix(f'.{extension}')}"
        )
    return output
