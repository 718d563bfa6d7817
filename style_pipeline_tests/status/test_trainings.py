from collections.abc import Iterator

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from style_pipeline.cli.status_table import training_row
from style_pipeline.status.trainings import TrainingStatus, held_up, training_statuses
from style_pipeline.status.video_status import STEPS, Step, VideoStatus
from style_pipeline_tests.runs import add_run, remember

STYLES = ("day", "night", "noon", "old")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """Where one style was trained, and others are not yet."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("styles", STYLES)
        remember(instance, "style_model", "old")
        yield instance


def say(instance: dg.DagsterInstance, style: str, iteration: int) -> None:
    instance.report_runless_asset_event(
        dg.AssetObservation(
            "style_model",
            partition=style,
            description=f"{iteration} of 300 iterations",
            metadata={"iteration": iteration, "minutes_left": 7.5},
        )
    )


def test_trainings_tell_how_far_they_are_or_why_they_ended(instance: dg.DagsterInstance) -> None:
    for style, status in (
        ("day", DagsterRunStatus.STARTED),
        ("night", DagsterRunStatus.CANCELED),
        ("noon", DagsterRunStatus.FAILURE),
    ):
        add_run(instance, "style_model", style, status)
    found = training_statuses(instance, with_painting=STYLES)
    assert [(each.style, each.state, each.reason) for each in found] == [
        ("day", "training", ""),
        ("night", "canceled", "it was terminated"),
        ("noon", "failed", "its process ended before it was done: retry it"),
    ]
    for iteration in (30, 60):
        say(instance, "day", iteration)
    (day,) = training_statuses(instance, with_painting=["day", "unknown"])
    assert day == TrainingStatus(
        style="day", state="training", iteration=60, iterations=300, seconds_left=450
    )


def test_what_an_earlier_training_said_is_not_the_progress_of_this_one(
    instance: dg.DagsterInstance,
) -> None:
    say(instance, "day", 270)
    remember(instance, "style_model", "day")
    add_run(instance, "style_model", "day", DagsterRunStatus.STARTED)
    (day,) = training_statuses(instance, with_painting=STYLES)
    assert (day.iteration, day.seconds_left) == (0, None)


def test_a_video_does_not_wait_for_a_training_that_ended() -> None:
    steps = dict.fromkeys(STEPS, Step())
    video = VideoStatus(key="night/clip.mp4", steps=steps, reason="it starts by itself")
    for state, said in (("canceled", "was terminated"), ("failed", "failed")):
        reason = held_up(video, [TrainingStatus(style="night", state=state)]).reason
        assert reason == (f"the training of its style {said}: `style-pipeline retry --style night`")
    for training in (
        TrainingStatus(style="night", state="training"),
        TrainingStatus(style="day", state="failed"),
    ):
        assert held_up(video, [training]) == video


def test_the_fitting_of_the_fine_body_is_told_by_its_own_name(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("styles", ["night/fine", "gone/fine"])
    for style in ("night/fine", "gone/fine"):
        add_run(instance, "style_model", style, DagsterRunStatus.STARTED)
    (fine,) = training_statuses(instance, with_painting=STYLES)
    assert (fine.style, fine.state) == ("night/fine", "training")
    assert training_row(fine).name == "style night/fine"


def test_a_video_is_held_up_by_the_training_that_it_waits_for() -> None:
    steps = dict.fromkeys(STEPS, Step())
    video = VideoStatus(key="night/clip.mp4", steps=steps, waits_for="day/fine")
    assert held_up(video, [TrainingStatus(style="night", state="failed")]) == video
    failed = held_up(video, [TrainingStatus(style="day/fine", state="failed")])
    assert failed.reason == (
        "the training of its style failed: `style-pipeline retry --style day/fine`"
    )
