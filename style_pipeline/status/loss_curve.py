"""The losses of a training as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

POINTS = 200


@dataclass(frozen=True)
class Point:
    """Losses at an iteration, not weighted."""

    iteration: int
    content: float
    style: float


def smoothed(history: Sequence[Point], points: int = POINTS) -> list[Point]:
    """Means over stretches of equal length, at most `points`: single batches are noisy."""
    length = -(-len(history) // points)
    stretches = [history[at : at + length] for at in range(0, len(history), length or 1)]
    return [
        Point(
            stretch[-1].iteration,
            sum(point.content for point in stretch) / len(stretch),
            sum(point.style for point in stretch) / len(stretch),
        )
        for stretch in stretches
    ]


def loss_curve(history: Sequence[Point], *, iterations: int) -> Image.Image:
    """Content and style loss over a training of so many iterations, as far as it has come."""
    # Slow to import, and never wanted by the daemon.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.08, 0.16, 0.9, 0.8))
    shown = smoothed(history)
    at = [point.iteration for point in shown]
    axes.plot(at, [point.style for point in shown], label="style")
    axes.plot(at, [point.content for point in shown], label="content")
    axes.set_xlim(0, iterations)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("iteration")
    axes.set_ylabel("loss")
    axes.grid(alpha=0.3)
    axes.legend()
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return Image.fromarray(pixels).convert("RGB")
