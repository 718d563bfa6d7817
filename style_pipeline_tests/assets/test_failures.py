import signal
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import RunFailureReason

from pipeline_kit.orchestration.failures import RETRIES
from pipeline_kit.storage.store import Store
from style_pipeline_tests.assets.failing import failing
from style_pipeline_tests.assets.journey import ASSETS, Journey, failure, retries


def test_an_ffmpeg_that_is_killed_is_no_fault_of_the_video(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed = tmp_path / "ffmpeg"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(killed))
    result = journey.run("audio")
    assert failure(result) == (
        "small/clip.mp4: ffmpeg could not write audio.m4a (exit -9): no message"
    )
    assert retries(result) == RETRIES.max_retries


@pytest.mark.parametrize(
    ("asset", "method"),
    [
        ("audio", "upload"),
        ("frames", "download"),
        ("styled_frames", "upload"),
        ("styled_video", "download"),
    ],
)
def test_storage_that_fails_for_a_moment_is_tried_again(
    finished: Journey, monkeypatch: pytest.MonkeyPatch, asset: str, method: str
) -> None:
    before = finished.contents()
    monkeypatch.setattr(Store, method, failing(2, getattr(Store, method)))
    result = finished.run(asset, slot=1 if asset == "styled_frames" else None)
    assert result.success
    assert retries(result) == 2
    assert finished.contents() == before
    assert list(finished.scratch.iterdir()) == []


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_step_that_is_told_to_end_does_not_begin_again(
    finished: Journey, monkeypatch: pytest.MonkeyPatch, told: signal.Signals
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(told)

    before = finished.contents()
    monkeypatch.setattr(Store, "upload", interrupted)
    result = finished.run("styled_frames", slot=1)
    assert retries(result) == 0
    ended = result.filter_events(lambda event: event.is_run_failure)
    reasons = [event.job_failure_data.failure_reason for event in ended]
    assert reasons == [RunFailureReason.UNEXPECTED_TERMINATION], "which the daemon retries"
    assert finished.contents() == before


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.key.path[-1])
def test_no_asset_has_a_policy_that_retries_what_was_told_to_end(
    asset: dg.AssetsDefinition,
) -> None:
    assert asset.op.retry_policy is None
