"""What `style-pipeline status` shows people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import click

from pipeline_kit.durations import duration
from style_pipeline.cli.output import Screen, below, columns_of, padded, printable, shortened
from style_pipeline.intake.reports import Rejected
from style_pipeline.status.trainings import TrainingStatus
from style_pipeline.status.video_status import State, VideoStatus

LONGEST_NAME: Final = 52
"""Of what is left of a row of 100 columns, which states, chunks and times need."""
SHORTEST_NAME: Final = 16

BESIDES: Final = 4
"""Lines below the table, and that of the prompt."""

COLORS: Final = {
    "failed": "red",
    "rejected": "red",
    "canceled": "yellow",
    "removed": "yellow",
    "gone": "bright_black",
    "done": "green",
    "stylizing": "cyan",
    "joining": "cyan",
    "reading": "cyan",
    "training": "cyan",
}
GO_ON: Final = {
    State.FAILED: "",
    State.CANCELED: "`style-pipeline retry {key}` goes on",
    State.REMOVED: "its film was removed: `style-pipeline retry {key}` makes it again",
    State.GONE: "its file was removed: drop it again, or `style-pipeline forget {key}`",
}


@dataclass(frozen=True)
class Row:
    """A line of the table, and what is to be read below it."""

    name: str
    state: str
    chunks: str = "-"
    left: str = "-"
    beside: str = ""
    below: str = ""


@dataclass(frozen=True)
class Overview:
    """What there is to show."""

    videos: Sequence[VideoStatus]
    """In order."""
    trainings: Sequence[TrainingStatus] = ()
    refused: Sequence[Rejected] = ()
    films: str = ""
    """Where the films are."""
    goes_on: bool = True
    """Whether a daemon runs, without which nothing follows by itself."""
    notes: Sequence[str] = ()
    """What could not be found out, and what is to be done besides."""


def rendered(overview: Overview, screen: Screen, *, all_done: bool = True) -> list[str]:
    """The lines of the table: videos, trainings, and last what was rejected.

    Names are shortened to the screen's width, and where not `all_done`, of the films that are done
    as many are left out as do not fit on it.
    """
    rows = [video_row(video) for video in overview.videos]
    done = [row for row in rows if row.state == State.DONE]
    others = [
        *(row for row in rows if row.state != State.DONE),
        *map(training_row, overview.trainings),
    ]
    rejected = [*map(rejected_row, overview.refused)]
    room = len(done)
    if screen.lines and not all_done:
        fixed = lines_of([*others, *rejected], screen)
        room = max(0, min(room, screen.lines - len(fixed) - BESIDES))
    lines = lines_of([*others, *done[:room], *rejected], screen)
    if room < len(done):
        lines.append(f"and {len(done) - room} more that are done: `style-pipeline status --all`")
    if done and overview.films:
        lines.append(f"films: {overview.films}")
    return lines


def lines_of(rows: Sequence[Row], screen: Screen) -> list[str]:
    """The table as lines."""
    header = ("VIDEO", "STATE", "CHUNKS", "TIME LEFT", "")
    others = [(row.state, row.chunks, row.left, row.beside) for row in rows]
    taken = sum(2 + max(len(line[i]) for line in (header[1:], *others)) for i in range(3))
    longest = max(SHORTEST_NAME, min(LONGEST_NAME, screen.columns - taken)) if screen.columns else 0
    cells = [
        (shortened(row.name, longest), *other) for row, other in zip(rows, others, strict=True)
    ]
    widths = [max(columns_of(line[i]) for line in (header, *cells)) for i in range(4)]
    lines = [_line(header, widths, screen)]
    for row, line in zip(rows, cells, strict=True):
        lines.append(_line(line, widths, screen, color=COLORS.get(row.state)))
        if row.below:
            lines += below(row.below, screen)
    return lines


def _line(
    words: Sequence[str], widths: Sequence[int], screen: Screen, *, color: str | None = None
) -> str:
    cells = [padded(word, width) for word, width in zip(words, widths, strict=False)]
    if color and words[1]:
        cells[1] = click.style(words[1], fg=color) + " " * (widths[1] - len(words[1]))
    used = sum(widths) + 2 * len(widths)
    last = words[len(widths)]
    if screen.columns:
        last = shortened(last, max(screen.columns - used, 1)) if screen.columns > used else ""
    return "  ".join([*cells, last]).rstrip()


def video_row(video: VideoStatus) -> Row:
    """Of a video: what it is called once, and what can be done about it."""
    chunks = f"{sum(video.chunks_done)} of {len(video.chunks)}" if video.chunks else "-"
    left = "-" if video.seconds_left is None else duration(video.seconds_left)
    advice = GO_ON.get(video.state, "").format(key=video.key)
    reason = "" if video.state in (State.REMOVED, State.GONE) else without_name(video)
    return Row(
        name=video.key,
        state=video.state,
        chunks=chunks,
        left=left,
        beside=film_of(video) if video.state is State.DONE else "",
        below=": ".join(filter(None, (reason, advice))),
    )


def without_name(video: VideoStatus) -> str:
    """Why it failed or waits, without what its row says already."""
    step, colon, reason = video.reason.partition(": ")
    if not colon:
        return video.reason
    return f"{step}: {reason.removeprefix(f'{video.key}: ')}"


def film_of(video: VideoStatus) -> str:
    """What the film's name has more than that of the video, or the name where it is another."""
    name, known = (text.rpartition("/")[2] for text in (video.film, video.key))
    if name == known:
        return ""
    return f"+{name.removeprefix(known)}" if name.startswith(known) else name


def training_row(training: TrainingStatus) -> Row:
    """Of the training of a style, whose share that is done stands in place of chunks."""
    share = f"{100 * training.iteration // training.iterations} %" if training.iterations else "-"
    left = "-" if training.seconds_left is None else duration(training.seconds_left)
    advice = {
        "canceled": f"`style-pipeline retry --style {training.style}` goes on",
        "failed": f"`style-pipeline retry --style {training.style}` tries again",
    }.get(training.state, "")
    return Row(
        name=f"style {training.style}",
        state=training.state,
        chunks=share,
        left=left,
        below=": ".join(filter(None, (training.reason, advice))),
    )


def rejected_row(file: Rejected) -> Row:
    """Of a file that was not taken."""
    name, reason = (printable(text) for text in (file.key, file.reason))
    return Row(name=name, state="rejected", below=f"{file.time:%Y-%m-%d %H:%M}: {reason}")
