from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipeline_kit.orchestration.backfill import launch_backfill
from style_pipeline.partitions import chunk_key, partitions_of
from style_pipeline_tests.cli.instances import at_work
from style_pipeline_tests.cli.shell import run
from style_pipeline_tests.runs import add_run, remember, remember_read

CANCEL = import_module("style_pipeline.cli.cancel")  # the command of that name hides it
CLIP, OTHER = "ink/clip.mp4", "ink/other.mp4"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr("style_pipeline.partitions.POLL_SECONDS", -0.9)
    monkeypatch.setattr(CANCEL, "POLL", 0.01)
    with at_work(tmp_path, monkeypatch) as instance:
        for key in (CLIP, OTHER):
            remember_read(instance, key)
            (tmp_path / "media/videos/ink").mkdir(parents=True, exist_ok=True)
            (tmp_path / "media/videos" / key).touch()
        yield instance


def test_what_is_queued_of_a_video_is_canceled_and_status_says_how_to_go_on(
    instance: dg.DagsterInstance,
) -> None:
    runs = [
        add_run(instance, "styled_frames", chunk_key(key, slot), DagsterRunStatus.QUEUED)
        for key, slot in ((CLIP, 0), (CLIP, 1), (OTHER, 0))
    ]
    answer = run("cancel", CLIP)
    assert (answer.code, answer.out) == (0, f"{CLIP}: 2 runs canceled\n")
    statuses = [found.status.value for run in runs if (found := instance.get_run_by_id(run.run_id))]
    assert statuses == ["CANCELED", "CANCELED", "QUEUED"]
    (told,) = run("status", CLIP, "--json").json
    assert (told["state"], told["reason"]) == ("canceled", "2 chunks were terminated")
    assert f"2 chunks were terminated: `style-pipeline retry {CLIP}` goes on" in run("status").out
    assert run("cancel", CLIP).out == f"{CLIP}: nothing is under way\n"


def test_what_was_canceled_goes_on_by_retry_with_nothing_that_is_done(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    for name in ("frames.parquet", "look.json", "audio.m4a", "segments/000.mp4"):
        place = tmp_path / "ops/work" / CLIP / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    remember(instance, "styled_frames", chunk_key(CLIP, 0))
    add_run(instance, "styled_frames", chunk_key(CLIP, 1), DagsterRunStatus.CANCELED)
    (told,) = run("retry", CLIP, "--json").json
    assert (told["state"], told["missing"]) == ("canceled", {"styled_frames": [1]})
    assert run("status", CLIP, "--json").json[0]["state"] == "waiting", "it is asked for again"
    assert run("cancel", CLIP).code == 0
    assert run("status", CLIP, "--json").json[0]["state"] == "canceled"


def test_a_run_that_cannot_be_told_is_named(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CANCEL, "PATIENCE", 0.5)
    lost = add_run(instance, "styled_frames", chunk_key(CLIP, 0), DagsterRunStatus.STARTED)
    answer = run("cancel", CLIP)
    assert answer.code == 1
    assert answer.out == f"{CLIP}: still running: {lost.run_id}: is its code server there?\n"


def test_a_backfill_of_others_is_left_to_people(instance: dg.DagsterInstance) -> None:
    wanted = partitions_of(CLIP, {"styled_frames": [1]})
    partitions, keys = wanted["styled_frames"]
    both = {"styled_frames": (partitions, [*keys, chunk_key(OTHER, 0)])}
    backfill = launch_backfill(instance, both, title="of somebody")
    said = f"backfill {backfill} also makes others: cancel it in the UI"
    assert run("cancel", CLIP).out == f"{CLIP}: {said}\n"
    assert run("cancel", "ink/*", "--json").json[0]["backfills"] == []
