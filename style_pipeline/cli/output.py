"""What all commands print with."""

import json
import os
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click

INDENT = " " * 4

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as they need to be; the last one may be as long as it likes."""
    lines = [header, *rows]
    widths = [max(columns_of(line[i]) for line in lines) for i in range(len(header))]
    return "\n".join(
        "  ".join(padded(word, width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def columns_of(text: str) -> int:
    """How many columns of a terminal it takes: of a wide character two, of an accent none."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def padded(text: str, width: int) -> str:
    """With blanks, as wide as that in a terminal."""
    return text + " " * (width - columns_of(text))


@dataclass(frozen=True)
class Screen:
    """What can be seen at once; 0 is as much as there is, as in a file."""

    columns: int = 0
    lines: int = 0


def screen() -> Screen:
    """The terminal that is printed to, or what COLUMNS and LINES say of it."""
    columns, lines = os.get_terminal_size() if sys.stdout.isatty() else (0, 0)
    said = (os.environ.get(name, "") for name in ("COLUMNS", "LINES"))
    columns, lines = (
        int(text) if text.isdecimal() else found
        for text, found in zip(said, (columns, lines), strict=True)
    )
    return Screen(columns, lines)


def shortened(text: str, width: int) -> str:
    """With an ellipsis in its middle where it is longer; the end of a name tells it from others."""
    if not width or columns_of(text) <= width:
        return text
    kept = max(width - 1, 2)
    while True:
        short = f"{text[: kept // 2]}…{text[-(kept - kept // 2) :]}"
        if columns_of(short) <= width or kept <= 2:
            return short
        kept -= 1


def below(text: str, screen: Screen) -> list[str]:
    """Lines to be read below a row."""
    if not screen.columns:
        return [INDENT + text]
    return textwrap.wrap(
        text,
        screen.columns,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    """Whatever a stranger's file or its name says, it gives a terminal no orders."""
    return "".join(c if c.isprintable() else "?" for c in text)
