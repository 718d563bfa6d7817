from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import pytest
from PIL import Image

from style_pipeline.status import training_log
from style_pipeline.status.training_log import OBSERVATIONS, TrainingLog

ITERATIONS = 40


class Context:
    """Keeps what is logged."""

    asset_key = dg.AssetKey("style_model")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.events: list[dg.AssetObservation] = []
        self.log = SimpleNamespace(info=self.lines.append)

    def log_event(self, event: dg.AssetObservation) -> None:
        self.events.append(event)


def test_a_training_is_followed_by_lines_and_by_an_observation_for_each_tenth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training_log, "SECONDS_BETWEEN_LINES", 0)
    context = Context()
    job = SimpleNamespace(
        sheet=lambda fitted: Image.new("RGB", (8, 8)),
        recipe=SimpleNamespace(iterations=ITERATIONS),
    )
    log = TrainingLog(cast(Any, context), "night", cast(Any, job))
    for iteration in range(1, ITERATIONS + 1):
        progress = SimpleNamespace(
            iteration=iteration,
            iterations=ITERATIONS,
            content=0.5,
            style=1 / iteration,
            eta_seconds=30.0,
        )
        log(cast(Any, progress), cast(Any, None))
    assert context.lines[-1] == (
        "night: 40 of 40 iterations, style loss 0.025, content loss 0.500, 30 s left"
    )
    told = [event.metadata["iteration"].value for event in context.events]
    assert told == [ITERATIONS * n // OBSERVATIONS for n in range(1, OBSERVATIONS)]
    metadata = log.metadata(cast(Any, None))
    assert metadata["style_loss"] == pytest.approx(
        (1 / 37 + 1 / 38 + 1 / 39 + 1 / 40) / 4, abs=1e-4
    )
    assert {"loss_curve", "samples"} <= metadata.keys()
