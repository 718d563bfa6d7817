from dataclasses import replace

import pytest

from style_pipeline.status.video_status import Pace, State, Status, Step, VideoStatus, missing

DONE, RUNNING, FAILED = Status.DONE, Status.RUNNING, Status.FAILED
NEVER = Step()
READ, LOOKED_AT = Step(DONE, 2), Step(DONE, 3)


def video(
    *chunks: Step, film: Step = NEVER, frames: Step = READ, look: Step = LOOKED_AT
) -> VideoStatus:
    """One of 100 frames, whose audio was made first."""
    steps = {"audio": Step(DONE, 1), "frames": frames, "look": look, "styled_video": film}
    return VideoStatus(key="ink/clip.mp4", steps=steps, chunks=chunks, frames=100)


PAINTED = Step(DONE, 4), Step(DONE, 5)


@pytest.mark.parametrize(
    ("found", "state", "wanted"),
    [
        (video(frames=NEVER, look=NEVER), "waiting", {"audio": [], "frames": [], "look": []}),
        (video(frames=Step(RUNNING)), "reading", None),
        (
            video(frames=Step(FAILED), look=NEVER),
            "failed",
            {"audio": [], "frames": [], "look": []},
        ),
        (video(NEVER, NEVER), "waiting", {"styled_frames": [0, 1]}),
        (video(PAINTED[0], Step(RUNNING)), "stylizing", None),
        (video(Step(FAILED), Step(RUNNING)), "stylizing", None),
        (video(PAINTED[0], Step(FAILED)), "failed", {"styled_frames": [1]}),
        (video(*PAINTED), "waiting", {"styled_video": []}),
        (video(*PAINTED, film=Step(RUNNING)), "joining", None),
        (video(*PAINTED, film=Step(FAILED)), "failed", {"styled_video": []}),
        (video(*PAINTED, film=Step(DONE, 6)), "done", {}),
    ],
)
def test_a_video_is_in_a_state_from_which_something_is_missing(
    found: VideoStatus, state: State, wanted: dict[str, list[int]] | None
) -> None:
    assert found.state == state
    assert found.is_busy == (wanted is None)
    if wanted is not None:
        assert missing(found) == wanted


def test_chunks_of_an_earlier_look_count_as_not_done() -> None:
    again = video(*PAINTED, film=Step(DONE, 6), look=Step(DONE, 7))
    assert again.chunks_done == (False, False)
    assert (again.state, missing(again)) == (State.WAITING, {"styled_frames": [0, 1]})


def test_a_film_of_earlier_chunks_counts_as_missing() -> None:
    again = video(PAINTED[0], Step(DONE, 7), film=Step(DONE, 6))
    assert (again.state, missing(again)) == (State.WAITING, {"styled_video": []})


def test_a_chunk_counts_as_done_from_when_it_was_planned_last() -> None:
    found = video(*PAINTED, film=Step(DONE, 6), frames=Step(DONE, 7), look=Step(DONE, 8))
    found = replace(found, planned=(1, 2))
    assert found.chunks_done == (True, True)
    assert (found.state, missing(found)) == (State.DONE, {}), "they came out the same"
    planned_again = replace(found, planned=(1, 9))
    assert planned_again.chunks_done == (True, False)
    assert missing(planned_again) == {"styled_frames": [1]}
    made = replace(planned_again, chunks=(PAINTED[0], Step(DONE, 10)))
    assert (made.state, missing(made)) == (State.WAITING, {"styled_video": []})


def test_the_time_left_is_that_of_all_frames_at_the_pace_of_now() -> None:
    found = video(Step(DONE, 4), Step(RUNNING), Step(RUNNING), NEVER)
    assert found.seconds_left is None, "nobody knows yet"
    slots = {0: Pace(frames_done=25, fps=2), 1: Pace(frames_done=15, fps=4)}
    # 60 frames are left, of which two chunks at a time paint three a second each.
    assert replace(found, paces=slots).seconds_left == pytest.approx(10)
    assert replace(video(*PAINTED), paces=slots).seconds_left is None
