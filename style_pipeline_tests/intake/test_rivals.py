"""Videos whose films would have one name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_kit.orchestration.ledger import Ledger
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.names import video_key
from style_pipeline.object_names import FILM_EXTENSIONS, Video
from style_pipeline_tests.intake.looks import CLIP, look, look_twice, names

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
