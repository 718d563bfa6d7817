"""How far work is: a bar in a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from pipeline_kit.durations import duration

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

SECONDS_BETWEEN_LINES = 10.0


class Lines:
    """For logs, in which a bar cannot be drawn over itself."""

    def __init__(self, label: str, length: int) -> None:
        self.label, self.length, self.done = label, length, 0
        self.started = self.said = time.monotonic()

    def reach(self, done: int, length: int) -> None:
        """So many frames of so many are done."""
        self.done, self.length = done, length
        now = time.monotonic()
        if now - self.said >= SECONDS_BETWEEN_LINES:
            self.said = now
            click.echo(line(self.label, done, length, seconds=now - self.started), err=True)


class Bar:
    """For people, with the time that is left."""

    def __init__(self, shown: ProgressBar[Any]) -> None:
        self.shown, self.done = shown, 0

    def reach(self, done: int, length: int) -> None:
        """So many frames of so many are done."""
        self.shown.length = length
        self.shown.update(done - self.done)
        self.done = done


def line(label: str, done: int, length: int, *, seconds: float) -> str:
    """`stylizing: 120 of 300 frames, 8.1 fps, 22 s left`."""
    rate = done / seconds if seconds else 0.0
    left = f", {duration((length - done) / rate)} left" if rate and length >= done else ""
    of = f" of {length}" if length else ""
    return f"{label}: {done}{of} frames, {rate:.1f} fps{left}"


@contextmanager
def bar(label: str, *, hidden: bool, length: int = 0) -> Iterator[None]:
    """Show how far the work is, all of its parts together; a `length` of 0 is found out."""
    from pipeline_kit.orchestration.progress import watched

    in_terminal = sys.stderr.isatty()
    drawn = (
        click.progressbar(
            length=length, label=f"{label:9}", show_pos=True, show_eta=True, file=sys.stderr
        )
        if in_terminal and not hidden
        else nullcontext()
    )
    parts: dict[str, int] = {}
    with drawn as shown:
        reached = Bar(shown) if shown else Lines(label, length)

        def watch(what: str, done: int, total: int) -> None:
            parts[what] = done
            if not hidden:
                everything = sum(parts.values())
                reached.reach(everything, max(length, total, everything))

        with watched(watch):
            yield
