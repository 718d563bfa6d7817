from dataclasses import replace

import pytest

from pipeline_kit.orchestration.ledger import Ledger
from style_pipeline.intake.videos import rejection
from style_pipeline_tests.intake.looks import CLIP, STYLES, look, look_twice


def test_a_video_is_taken_once_when_two_listings_show_it_unchanged() -> None:
    ledger: Ledger = frozenset()
    for start in ((), (CLIP,), (), ()):
        found = look(CLIP, ledger=ledger)
        assert found.start == start
        ledger = found.ledger


def test_a_file_still_being_copied_is_not_taken() -> None:
    ledger: Ledger = frozenset()
    for size in range(1, 9):
        growing = look(replace(CLIP, size=size, etag=f"still-{size}"), ledger=ledger)
        assert growing.start == ()
        ledger = growing.ledger
    assert look(replace(CLIP, size=8, etag="still-8"), ledger=ledger).start


def test_a_video_uploaded_again_is_taken_again() -> None:
    again = replace(CLIP, etag="2")
    waiting = look(again, ledger=look_twice(CLIP).ledger)
    assert waiting.start == ()
    assert look(again, ledger=waiting.ledger).start == (again,)


def test_a_video_that_was_deleted_is_forgotten() -> None:
    assert look(ledger=look_twice(CLIP).ledger).ledger == frozenset()


@pytest.mark.parametrize(("size", "reason"), [(100 << 30, None), ((100 << 30) + 1, "it has 100.0")])
def test_a_video_that_is_too_large_is_rejected(size: int, reason: str | None) -> None:
    found = look_twice(replace(CLIP, size=size))
    assert [each.reason[:12] for each in found.rejected] == ([reason] if reason else [])


def test_the_same_clip_in_two_styles_is_two_videos() -> None:
    other = replace(CLIP, name="videos/brushwork/clip.mp4")
    assert look_twice(CLIP, other).start == (other, CLIP)


def test_a_rejection_is_told_once() -> None:
    wrong = replace(CLIP, name="videos/fresco/notes.txt")
    assert look(wrong).rejected == ()
    first = look_twice(wrong)
    assert [each.name for each in first.rejected] == ["videos/fresco/notes.txt"]
    assert look(wrong, ledger=first.ledger).rejected == ()


def test_a_rejected_file_that_changes_is_judged_again() -> None:
    wrong = replace(CLIP, name="videos/fresco/notes.txt")
    changed = replace(wrong, etag="2")
    waiting = look(changed, ledger=look_twice(wrong).ledger)
    assert look(changed, ledger=waiting.ledger).rejected


def test_a_rejected_video_is_taken_when_its_style_is_there() -> None:
    early = replace(CLIP, name="videos/new/clip.mp4")
    ledger = look_twice(early).ledger
    styles = STYLES | {"new": "n1"}
    waiting = look(early, ledger=ledger, trained=styles)
    assert look(early, ledger=waiting.ledger, trained=styles).start == (early,)


def test_a_video_waits_while_its_style_is_being_trained_and_starts_by_itself() -> None:
    early = replace(CLIP, name="videos/new/clip.mp4")
    ledger = look(early, with_painting=["new"]).ledger
    waiting = look(early, ledger=ledger, with_painting=["new"])
    assert [str(each) for each in waiting.rejected] == [
        "videos/new/clip.mp4 waits: style 'new' has a painting and no trained network yet: "
        "it starts by itself once style_model has made one"
    ]
    for _ in range(2):
        waiting = look(early, ledger=waiting.ledger, with_painting=["new"])
        assert (waiting.start, waiting.rejected, waiting.current_styles) == ((), (), ())
    ready = STYLES | {"new": "n1"}
    again = look(early, ledger=waiting.ledger, trained=ready, with_painting=["new"])
    assert look(early, ledger=again.ledger, trained=ready, with_painting=["new"]).start == (early,)


def test_what_is_no_video_does_not_wait_for_a_style() -> None:
    reason = rejection("videos/new/notes.txt", trained=STYLES, with_painting=["new"])
    assert reason is not None
    assert reason.startswith(".txt is no kind of video")


def test_a_video_that_was_started_is_not_judged_again_when_its_style_is_gone() -> None:
    gone = look(CLIP, ledger=look_twice(CLIP).ledger, trained={}, with_painting=["fresco"])
    assert (gone.start, gone.rejected) == ((), ())


def test_an_empty_file_is_rejected() -> None:
    (empty,) = look_twice(replace(CLIP, size=0)).rejected
    assert empty.reason == "it is empty: upload it again"
