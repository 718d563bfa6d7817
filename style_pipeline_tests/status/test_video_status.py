from dataclasses import replace

import pytest

from style_pipeline.status.video_status import (
    Pace,
    Said,
    State,
    Status,
    Step,
    VideoStatus,
    missing,
    recent_pace,
    terminated_parts,
)

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
        (video(frames=NEVER, look=NEVER), "waiting", {"frames": [], "look": []}),
        (video(frames=Step(RUNNING)), "reading", None),
        (video(frames=Step(FAILED), look=NEVER), "failed", {"frames": [], "look": []}),
        (video(frames=Step(FAILED)), "failed", {"frames": [], "look": []}),
        (video(look=Step(FAILED)), "failed", {"look": []}),
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


def test_chunks_that_are_queued_are_not_stylized_at_the_same_time() -> None:
    found = video(Step(RUNNING), Step(RUNNING), Step(RUNNING), Step(RUNNING))
    slots = {0: Pace(frames_done=10, fps=3)}
    assert replace(found, paces=slots, begun=frozenset([0])).seconds_left == pytest.approx(30)
    assert replace(found, paces=slots, begun=frozenset()).seconds_left is None, "nobody works on it"


def test_the_pace_is_that_of_now_and_of_the_latest_chunks_where_none_has_said_it_yet() -> None:
    found = video(*(Step(DONE, event) for event in range(4, 8)), Step(RUNNING))
    paces = {
        slot: Pace(frames_done=20, fps=fps, event=4 + slot) for slot, fps in enumerate([9, 2, 2, 2])
    }
    found = replace(found, begun=frozenset([4]), paces=paces)
    assert found.seconds_left == pytest.approx(10), "the first was quick, long ago"
    now = Pace(frames_done=10, fps=1)
    assert replace(found, paces={**paces, 4: now}).seconds_left == pytest.approx(10)


def test_the_pace_of_a_chunk_is_that_between_what_it_said_lately() -> None:
    said = [Said(140, 60, 1.0), Said(120, 20, 0.5), Said(100, 10, 0.4)]
    assert recent_pace(said) == Pace(frames_done=60, fps=50 / 40)
    assert recent_pace(said[:1]) == Pace(frames_done=60, fps=1.0)
    started_again = [Said(140, 5, 1.5), Said(120, 80, 2.0)]
    assert recent_pace(started_again) == Pace(frames_done=5, fps=1.5)


PARTITIONS = ("ink/clip.mp4|000", "ink/clip.mp4|001")


@pytest.mark.parametrize(
    ("found", "ended", "said"),
    [
        (video(PAINTED[0], NEVER), {("styled_frames", PARTITIONS[1])}, "1 chunk was"),
        (
            video(NEVER, NEVER),
            {("styled_frames", partition) for partition in PARTITIONS},
            "2 chunks were",
        ),
        (video(*PAINTED), {("styled_frames", PARTITIONS[1])}, ""),
        (video(*PAINTED), {("styled_video", "ink/clip.mp4")}, "styled_video was"),
        (video(*PAINTED), {("styled_video", "ink/other.mp4")}, ""),
        (
            video(NEVER, NEVER, look=NEVER),
            {("look", "ink/clip.mp4"), ("styled_frames", PARTITIONS[0])},
            "look and 1 chunk were",
        ),
    ],
)
def test_what_was_terminated_is_said_and_the_video_does_not_wait(
    found: VideoStatus, ended: set[tuple[str, str]], said: str
) -> None:
    partitions = PARTITIONS[: len(found.chunks)]
    assert terminated_parts(found, partitions, ended) == said
    assert replace(found, is_canceled=True).state is State.CANCELED
    assert missing(replace(found, is_canceled=True)) == missing(found) != {}


FILM = Step(DONE, 6)


def test_a_film_that_was_removed_is_made_again_from_what_is_still_there() -> None:
    removed = replace(video(*PAINTED, film=FILM), is_film_gone=True)
    assert (removed.state, missing(removed)) == (State.REMOVED, {"styled_video": []})
    assert missing(removed, lost={"styled_frames": [1]}) == {
        "styled_frames": [1],
        "styled_video": [],
    }
    lost = {"frames": [], "audio": [], "styled_frames": [0, 1]}
    assert missing(removed, lost=lost) == {
        "audio": [],
        "frames": [],
        "look": [],
        "styled_frames": [0, 1],
        "styled_video": [],
    }


def test_of_a_source_that_is_gone_nothing_failed_and_nothing_can_be_made() -> None:
    for found in (video(frames=Step(FAILED), look=NEVER), video(PAINTED[0], Step(FAILED))):
        gone = replace(found, is_source_gone=True)
        assert (gone.state, missing(gone)) == (State.GONE, {})
    done = replace(video(*PAINTED, film=FILM), is_source_gone=True)
    assert done.state is State.DONE
    assert replace(done, is_film_gone=True).state is State.GONE
