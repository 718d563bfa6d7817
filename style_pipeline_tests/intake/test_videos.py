from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_kit.orchestration.ledger import Ledger
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.videos import any_videos, rejection, video_key
from style_pipeline.object_names import FILM_EXTENSIONS, Video
from style_pipeline_tests.intake.looks import CLIP, STYLES, look, look_twice, names


def test_a_video_is_taken_when_two_listings_show_it_unchanged() -> None:
    first = look(CLIP)
    assert first.start == ()
    assert look(CLIP, ledger=first.ledger).start == (CLIP,)


def test_a_file_still_being_copied_is_not_taken() -> None:
    ledger: Ledger = frozenset()
    for size in range(1, 9):
        growing = look(replace(CLIP, size=size, etag=f"still-{size}"), ledger=ledger)
        assert growing.start == ()
        ledger = growing.ledger
    assert look(replace(CLIP, size=8, etag="still-8"), ledger=ledger).start


def test_a_video_is_taken_once() -> None:
    taken = look_twice(CLIP)
    for _ in range(3):
        taken = look(CLIP, ledger=taken.ledger)
        assert taken.start == ()


def test_a_video_uploaded_again_is_taken_again() -> None:
    again = replace(CLIP, etag="2")
    waiting = look(again, ledger=look_twice(CLIP).ledger)
    assert waiting.start == ()
    assert look(again, ledger=waiting.ledger).start == (again,)


def test_a_video_that_was_deleted_is_forgotten() -> None:
    assert look(ledger=look_twice(CLIP).ledger).ledger == frozenset()


MOV, MOV_MP4 = (replace(CLIP, name=f"videos/fresco/clip.{end}") for end in ("mov", "mov.mp4"))


@pytest.mark.parametrize(("first", "second"), [((MOV,), MOV_MP4), ((MOV_MP4,), MOV), ((), MOV_MP4)])
def test_two_videos_whose_films_would_have_one_name_are_not_both_taken(
    first: tuple[StoredObject, ...], second: StoredObject
) -> None:
    ledger = look_twice(*first).ledger
    ledger = look(MOV, MOV_MP4, ledger=ledger).ledger
    found = look(MOV, MOV_MP4, ledger=ledger)
    (rejected,) = found.rejected
    other = MOV if second == MOV_MP4 else MOV_MP4
    assert str(rejected) == (
        f"{second.name} is not taken: its film would have the name of that of {other.name}: "
        "rename one of the two"
    )
    alone = look(second, ledger=found.ledger)
    assert names(look(second, ledger=alone.ledger)) == [second.name]


CAPS, SMALL = (replace(CLIP, name=f"videos/fresco/CAPS.{end}") for end in ("MP4", "mp4"))


@pytest.mark.parametrize(("first", "second"), [(CAPS, SMALL), (SMALL, CAPS)])
def test_who_was_first_keeps_the_film_s_name_also_when_it_is_uploaded_again(
    first: StoredObject, second: StoredObject
) -> None:
    ledger = look(first, second, ledger=look_twice(first).ledger).ledger
    found = look(first, second, ledger=ledger)
    reason = f"its film would have the name of that of {first.name}: rename one of the two"
    assert [(each.name, each.reason) for each in found.rejected] == [(second.name, reason)]
    again = replace(first, etag="2")
    ledger = look(again, second, ledger=found.ledger).ledger
    found = look(again, second, ledger=ledger)
    assert (names(found), found.rejected) == ([first.name], ())
    ledger = look(second, ledger=found.ledger).ledger
    assert names(look(second, ledger=ledger)) == [second.name]


@given(st.lists(st.sampled_from(["mp4", "mov", "mkv", "avi", "MP4"]), max_size=4), st.data())
def test_no_two_videos_that_are_taken_can_have_films_of_one_name(
    endings: list[str], data: st.DataObject
) -> None:
    clips = [
        replace(CLIP, name="videos/fresco/" + ".".join(["clip", *endings[: count + 1]]))
        for count in range(len(endings))
    ]
    ledger: Ledger = frozenset()
    started: set[str] = set()
    for order in (data.draw(st.permutations(clips))[:1], clips, clips):
        found = look(*order, ledger=ledger)
        ledger = found.ledger
        started |= set(names(found))
        found = look(*order, ledger=ledger)
        ledger = found.ledger
        started |= set(names(found))
    films = [Video(video_key(name)).film(ending) for name in started for ending in FILM_EXTENSIONS]
    same = {film for film in films if films.count(film) > 1}
    assert not same


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


@pytest.mark.parametrize(
    ("name", "size", "is_one"),
    [
        ("fresco/clip.mp4", 9, True),
        ("unknown/clip.MKV", 9, True),
        ("fresco/clip.mp4", 0, False),
        ("fresco/.clip.mp4", 9, False),
        ("fresco/clip.mp4.part", 9, False),
        ("fresco/style.toml", 9, False),
    ],
)
def test_videos_in_whatever_folder_can_be_learned_from(name: str, size: int, is_one: bool) -> None:
    assert any_videos([StoredObject(name=f"videos/{name}", size=size, etag="1")]) is is_one


def test_an_empty_file_is_rejected() -> None:
    (empty,) = look_twice(replace(CLIP, size=0)).rejected
    assert empty.reason == "it is empty: upload it again"
