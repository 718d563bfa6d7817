"""The worst events of an hour as a picture: values, and where they were flagged."""

import io
from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from sensor_pipeline.detection.events import Event

MOST_PLOTS = 6
BEFORE = timedelta(minutes=10)
"""That is shown of a sensor before its event, and after it."""


def plot(events: Sequence[Event], scores: pl.DataFrame, *, title: str) -> bytes:
    """A PNG with a chart for each of the worst events, one a sensor."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import ConciseDateFormatter
    from matplotlib.figure import Figure

    worst: dict[tuple[str, str], Event] = {}
    for event in events:
        worst.setdefault((event.device, event.sensor), event)
    shown = list(worst.values())[:MOST_PLOTS]
    figure = Figure(figsize=(9, 0.6 + 1.9 * max(1, len(shown))), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    for number, event in enumerate(shown):
        axes = figure.add_subplot(len(shown), 1, number + 1)
        around = scores.filter(
            (pl.col("device") == event.device)
            & (pl.col("sensor") == event.sensor)
            & pl.col("time").is_between(event.start - BEFORE, event.end + BEFORE)
        )
        hot = around.filter(pl.col("score") >= pl.col("threshold"))
        axes.plot(around["time"].to_numpy(), around["value"].to_numpy(), color="0.4", lw=1)
        axes.plot(hot["time"].to_numpy(), hot["value"].to_numpy(), ".", color="tab:red", ms=4)
        axes.axvspan(event.start, event.end, color="tab:red", alpha=0.12, lw=0)  # type: ignore[arg-type]
        axes.set_title(
            f"device {_on_a_line(event.device)}, sensor {_on_a_line(event.sensor)}: "
            f"score {event.peak_score:.2f} (flagged from {event.threshold:g})",
            loc="left",
            fontsize=9,
            parse_math=False,  # of names with dollars, it fails
        )
        axes.tick_params(labelsize=8)
        axes.xaxis.set_major_formatter(
            ConciseDateFormatter(axes.xaxis.get_major_locator())  # type: ignore[no-untyped-call]
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def table(events: Sequence[Event], *, most: int = 20) -> str:
    """The worst events of an hour as Markdown, narrow enough for the page of an asset.

    Names are anybody's: none may bring in a link or a picture.
    """
    lines = [
        "| score | device | sensor | from | until | value |",
        "|---|---|---|---|---|---|",
    ]
    for event in events[:most]:
        until = "goes on" if event.open else f"{event.end:%H:%M:%S}"
        lines.append(
            f"| {event.peak_score:.2f} | {_plain(event.device)} | {_plain(event.sensor)} "
            f"| {event.start:%H:%M:%S} | {until} | {event.peak_value:.6g} |"
        )
    if len(events) > most:
        lines.append(f"\nand {len(events) - most} more")
    return "\n".join(lines)


def _on_a_line(text: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:40])


def _plain(text: str) -> str:
    safe = "".join(c if c.isalnum() or c in " .:/+-" else f"&#{ord(c)};" for c in text)
    return safe[:60].replace("://", ":&#47;&#47;")
