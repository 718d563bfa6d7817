"""How far a film is, from what a real Dagster answered, and from what it could answer."""

from dataclasses import replace
from typing import Any

import pytest

from scoring_service.progress import (
    Event,
    Progress,
    Run,
    Seen,
    chunk_keys,
    events_in,
    latest_failure,
    progress_of,
    runs_in,
)
from scoring_service_tests.fake_dagster import ANSWERS, KEY
from style_pipeline.status.video_status import CHUNKS, FIRST_STEPS, STEPS


def run(status: str, created: float, *assets: str, partition: str = KEY) -> Run:
    return Run(f"{created}", status, created, partition, frozenset(assets or FIRST_STEPS))


def made(time: float, partition: str = KEY, **values: float) -> dict[str, Event]:
    return {partition: Event(partition, time, values)}


READ = {
    "audio": made(20),
    "frames": made(20, frames=100, chunks=2),
    "look": made(21),
}


@pytest.mark.parametrize(
    ("runs", "there", "wanted"),
    [
        ([], {}, Progress("queued")),
        ([run("QUEUED", 10)], {}, Progress("queued")),
        ([run("STARTED", 10)], {}, Progress("reading")),
        ([run("FAILURE", 10)], {}, Progress("failed", reason="why")),
        ([run("FAILURE", 10), run("STARTED", 15)], {}, Progress("reading")),
        ([run("CANCELED", 10)], {}, Progress("canceled")),
        ([run("SUCCESS", 10)], READ, Progress("queued", chunks=2, frames=100)),
        (
            [run("SUCCESS", 10), run("STARTED", 30, CHUNKS, partition=f"{KEY}|000")],
            READ,
            Progress("stylizing", chunks=2, frames=100),
        ),
        (
            [run("SUCCESS", 10), run("SUCCESS", 30, CHUNKS, partition=f"{KEY}|000")],
            {**READ, CHUNKS: made(40, f"{KEY}|000", frames=50, fps=5)},
            Progress("stylizing", chunks=2, chunks_done=1, frames=100),
        ),
        (
            [run("SUCCESS", 10), run("FAILURE", 30, CHUNKS, partition=f"{KEY}|001")],
            {**READ, CHUNKS: made(40, f"{KEY}|000", frames=50, fps=5)},
            Progress("failed", chunks=2, chunks_done=1, frames=100, reason="why"),
        ),
    ],
)
def test_a_film_is_as_far_as_its_runs_and_what_they_made(
    runs: list[Run], there: dict[str, Any], wanted: Progress
) -> None:
    assert progress_of(Seen(KEY, runs, there), reason="why") == wanted


def test_the_time_left_follows_from_what_a_chunk_said_since_it_began() -> None:
    chunk = f"{KEY}|001"
    runs = [run("SUCCESS", 10), run("STARTED", 50_000, CHUNKS, partition=chunk)]
    there = {**READ, CHUNKS: made(40, f"{KEY}|000", frames=50, fps=5)}
    said = [
        Event(chunk, 70_000, {"frames_done": 30, "fps": 1.5}),
        Event(chunk, 60_000, {"frames_done": 10, "fps": 1.0}),
        Event(chunk, 49_000, {"frames_done": 49, "fps": 9.0}),  # of an attempt that is over
    ]
    seen = Seen(KEY, runs, there, said)
    assert progress_of(seen).seconds_left == 10  # 20 frames at 2 a second
    assert progress_of(replace(seen, said=())).seconds_left == 10  # 50 at the other chunk's 5


def test_a_film_of_other_chunks_than_now_is_not_done() -> None:
    both = {**made(40, f"{KEY}|000"), **made(40, f"{KEY}|001")}
    there = {**READ, CHUNKS: both, "styled_video": made(50)}
    assert progress_of(Seen(KEY, [run("SUCCESS", 10)], there)).state == "done"
    planned = {**there, "chunk_plan": made(60, f"{KEY}|001")}
    now = progress_of(Seen(KEY, [run("SUCCESS", 10)], planned))
    assert (now.state, now.chunks_done) == ("stylizing", 1)


def test_what_a_real_server_answered_is_read() -> None:
    told = ANSWERS["stylizing"]
    runs = runs_in([*told["Video"]["own"]["results"], *told["Video"]["chunks"]["results"]])
    assert runs[0].assets == {*FIRST_STEPS}
    assert runs[0].partition == KEY
    assert runs[0].status == "SUCCESS"
    assert {each.partition for each in runs[1:]} <= {f"{KEY}|{slot:03}" for slot in range(3)}
    (frames,) = events_in(told["Video"]["frames"]["latestMaterializationByPartition"])
    assert frames.values["frames"] == 150
    assert chunk_keys(Seen(KEY, runs, {"frames": {KEY: frames}})) == [
        f"{KEY}|{slot:03}" for slot in range(3)
    ]
    assert events_in([None]) == []


def test_the_latest_failure_is_that_whose_reason_is_asked_for() -> None:
    seen = Seen(KEY, [run("FAILURE", 30, "look"), run("FAILURE", 10)], {name: {} for name in STEPS})
    assert latest_failure(seen) == "30"
    assert latest_failure(Seen(KEY, [], {})) == ""
