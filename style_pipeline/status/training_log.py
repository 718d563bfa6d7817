"""What a person sees of a training while it runs: lines, a loss curve and pictures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipeline_kit.durations import duration
from pipeline_kit.orchestration.metadata import shown
from pipeline_kit.orchestration.progress import SECONDS_BETWEEN_LINES
from style_pipeline.status.loss_curve import Point, loss_curve

if TYPE_CHECKING:
    from style_pipeline.training.fitting import FitProgress, Style
    from style_pipeline.training.job import Job

OBSERVATIONS = 10


class TrainingLog:
    """Follows a training: a line every few seconds, an observation after every tenth of it."""

    def __init__(self, context: dg.AssetExecutionContext, style: str, job: Job) -> None:
        self.context, self.style, self.job = context, style, job
        self.history: list[Point] = []
        self.logged = time.monotonic()

    def __call__(self, progress: FitProgress, fitted: Style) -> None:
        self.history.append(Point(progress.iteration, progress.content, progress.style))
        now = time.monotonic()
        if now - self.logged >= SECONDS_BETWEEN_LINES:
            self.logged = now
            self.context.log.info(
                f"{self.style}: {progress.iteration} of {progress.iterations} iterations, "
                f"style loss {progress.style:.3f}, content loss {progress.content:.3f}, "
                f"{duration(progress.eta_seconds)} left"
            )
        tenths = progress.iteration * OBSERVATIONS // progress.iterations
        before = (progress.iteration - 1) * OBSERVATIONS // progress.iterations
        if before < tenths < OBSERVATIONS:
            self.context.log_event(
                dg.AssetObservation(
                    self.context.asset_key,
                    partition=self.style,
                    description=f"{progress.iteration} of {progress.iterations} iterations",
                    metadata={
                        "iteration": progress.iteration,
                        "minutes_left": round(progress.eta_seconds / 60, 1),
                        **self.metadata(fitted),
                    },
                )
            )

    def metadata(self, fitted: Style) -> dict[str, Any]:
        """Recent losses, their curve, and what the network makes of a few photographs."""
        late = self.history[-(len(self.history) // OBSERVATIONS or 1) :]
        if not late:
            return {"samples": shown(self.job.sheet(fitted), "samples")}
        return {
            "style_loss": round(sum(point.style for point in late) / len(late), 4),
            "content_loss": round(sum(point.content for point in late) / len(late), 4),
            "loss_curve": shown(
                loss_curve(self.history, iterations=self.job.recipe.iterations), "loss curve"
            ),
            "samples": shown(self.job.sheet(fitted), "samples"),
        }
