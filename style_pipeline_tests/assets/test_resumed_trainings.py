import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline_kit.orchestration.failures import RETRIES
from pipeline_kit.storage.objects import StoreUnavailable
from style_pipeline.resources.models import publish_model
from style_pipeline_tests.assets.journey import failure, retries
from style_pipeline_tests.assets.studio import WAVE, Studio, made, picture, said

PUBLISH = "style_pipeline.assets.style_model.publish_model"


def observed(result: dg.ExecuteInProcessResult) -> list[int]:
    """The iterations at which a training was looked at."""
    return [
        int(str(event.asset_observation_data.asset_observation.metadata["iteration"].value))
        for event in result.get_asset_observation_events()
    ]


def test_a_training_that_is_killed_goes_on_and_gives_the_same_network(
    studio: Studio, tmp_path: Path
) -> None:
    studio.drop()
    whole = made(studio.run())["model_hash"]
    killed = tmp_path / "killed"
    program = [sys.executable, "-m", "style_pipeline_tests.assets.studio", str(killed), "5"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout
        assert run.stdout.readline() == b"waiting\n"
        run.send_signal(signal.SIGKILL)
    other = Studio(killed, studio.instance)
    assert len(other.stored()) == 1
    result = other.run()
    metadata = made(result)
    assert "wave: going on with a training of 12 iterations" in said(other, result)
    assert metadata["resumed"] is True
    assert metadata["model_hash"] == whole
    assert len(other.stored()) == 2
    assert min(observed(result)) > 5


def test_storage_that_fails_at_the_end_costs_no_iteration(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.drop()
    failures = iter([StoreUnavailable("connection reset")])

    def unsteady(*arguments: Any, **options: Any) -> None:
        for error in failures:
            raise error
        publish_model(*arguments, **options)

    monkeypatch.setattr(PUBLISH, unsteady)
    result = studio.run()
    assert made(result)["resumed"] is True
    assert retries(result) == 1
    seen = observed(result)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("change", ["painting", "recipe"])
def test_a_checkpoint_of_another_training_is_not_gone_on_from(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    studio.drop()

    def broken(*arguments: Any, **options: Any) -> None:
        raise StoreUnavailable("the store is away")

    with monkeypatch.context() as patch:
        patch.setattr(PUBLISH, broken)
        result = studio.run()
    assert failure(result) == "wave: the store is away"
    assert retries(result) == RETRIES.max_retries
    (left,) = studio.stored()
    assert left.startswith(WAVE.checkpoint)

    if change == "painting":
        studio.drop(content=picture(2))
    result = studio.run(seed=2 if change == "recipe" else 1)
    assert made(result)["resumed"] is False
    assert "is of another input, recipe or start: training starts again" in said(studio, result)
    assert len(studio.stored()) == 2
