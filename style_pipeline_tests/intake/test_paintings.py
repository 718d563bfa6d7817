from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_kit.orchestration.ledger import Ledger
from pipeline_kit.orchestration.names import MAX_KEY_BYTES
from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.paintings import (
    EXTENSIONS,
    NETWORKS,
    NOTHING_TO_LEARN_FROM,
    PaintingIntake,
    new_paintings,
    rejection,
    style_key,
    styles_with_painting,
)

NIGHT = StoredObject(name="styles/night.jpg", size=9, etag="1")


def look(
    *listing: StoredObject,
    ledger: Ledger = frozenset(),
    trainable: bool = True,
    shipped: Mapping[str, str] | None = None,
    body: str = "",
    fine: Collection[str] = (),
    fine_body: str = "",
) -> PaintingIntake:
    return new_paintings(
        listing,
        ledger,
        trainable=trainable,
        shipped=shipped or {},
        body=body,
        fine=fine,
        fine_body=fine_body,
        limit=10,
    )


def look_twice(*listing: StoredObject, ledger: Ledger = frozenset()) -> PaintingIntake:
    return look(*listing, ledger=look(*listing, ledger=ledger).ledger)


def named(name: str) -> StoredObject:
    return replace(NIGHT, name=f"styles/{name}")


def test_another_version_of_a_painting_is_taken_again() -> None:
    again = replace(NIGHT, etag="2")
    assert look_twice(again, ledger=look_twice(NIGHT).ledger).start == (again,)


def test_a_painting_waits_while_there_is_nothing_to_learn_from() -> None:
    ledger = look(NIGHT, trainable=False).ledger
    waiting = look(NIGHT, ledger=ledger, trainable=False)
    assert [each.reason for each in waiting.rejected] == [NOTHING_TO_LEARN_FROM]
    assert str(waiting.rejected[0]).startswith("styles/night.jpg waits: there are no photographs")
    assert look(NIGHT, ledger=waiting.ledger, trainable=False).rejected == ()
    assert look_twice(NIGHT, ledger=waiting.ledger).start == (NIGHT,)


@pytest.mark.parametrize("extension", [*NETWORKS, "PTH"])
def test_a_network_is_taken_though_there_is_nothing_to_learn_from(extension: str) -> None:
    network = named(f"candy.{extension}")
    ledger = look(network, trainable=False).ledger
    assert look(network, ledger=ledger, trainable=False).start == (network,)


def test_a_painting_is_fitted_again_to_another_body_and_a_network_is_not() -> None:
    listing = (NIGHT, named("candy.pth"))
    before = look_twice(*listing)  # by a version that knew of no bodies
    assert before.start == (named("candy.pth"), NIGHT)
    settling = look(*listing, ledger=before.ledger, body="b1")
    again = look(*listing, ledger=settling.ledger, body="b1")
    assert (settling.start, again.start) == ((), (NIGHT,))
    assert look(*listing, ledger=again.ledger, body="b1").start == ()


def test_the_fine_body_is_fitted_once_to_paintings_that_are_wanted_so() -> None:
    listing = [NIGHT, named("day.jpg"), named("candy.pth"), named("night.png")]
    ledger = look_twice(*listing).ledger

    def fitted(*wanted: str, body: str = "f1", trainable: bool = True) -> list[StoredObject]:
        nonlocal ledger
        found: list[StoredObject] = []
        for _ in range(2):
            polled = look(*listing, ledger=ledger, fine=wanted, fine_body=body, trainable=trainable)
            ledger = polled.ledger
            found += polled.fine
        return found

    assert fitted() == []
    assert fitted("night", trainable=False) == []
    assert fitted("night", "candy", "gone") == [NIGHT]
    assert fitted("night") == []
    assert fitted("night", body="f2") == [NIGHT]
    listing[0] = replace(NIGHT, etag="2")
    assert fitted("night", body="f2") == [listing[0]]
    assert look(*listing, ledger=ledger).start == (), "the standard one was fitted meanwhile"


def test_a_painting_that_was_taken_waits_no_more() -> None:
    ledger = look_twice(NIGHT).ledger
    assert look(NIGHT, ledger=ledger, trainable=False).rejected == ()


@pytest.mark.parametrize(("first", "second"), [("jpg", "png"), ("png", "jpg"), ("jpg", "pth")])
def test_a_style_keeps_its_first_file_until_that_is_gone(first: str, second: str) -> None:
    one, other = named(f"night.{first}"), named(f"night.{second}")
    found = look_twice(one, other, ledger=look_twice(one).ledger)
    assert found.start == ()
    assert [(each.name, each.reason) for each in found.rejected] == [
        (other.name, f"style 'night' has {one.name} already: delete one of the two")
    ]
    changed = replace(one, etag="2")
    assert look_twice(changed, other, ledger=found.ledger).start == (changed,)
    assert look_twice(other, ledger=found.ledger).start == (other,)


def test_of_two_paintings_at_once_the_first_by_name_is_taken() -> None:
    jpg, png = named("night.jpg"), named("night.png")
    found = look_twice(png, jpg)
    assert found.start == (jpg,)
    assert [each.name for each in found.rejected] == [png.name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("night.gif", ".gif is no kind of picture or network that can be read: convert it "),
        ("night", "its name has no extension that can be read: convert it to one of jpg, jpeg, "),
        ("van gogh/night.jpg", "it is in a folder: move it to styles/<style>.jpg"),
        ("a,b.jpg", "its name contains ',': rename it"),
        ("night .jpg", "its name starts or ends with a blank: rename it"),
        (f"{'ü' * 101}.jpg", "its name is 202 bytes long, folder included: shorten it to 200"),
    ],
)
def test_what_is_no_painting_is_told_once_with_what_to_do(name: str, reason: str) -> None:
    found = look_twice(named(name))
    assert found.start == ()
    (told,) = found.rejected
    assert told.reason.startswith(reason)
    assert look(named(name), ledger=found.ledger).rejected == ()


def test_an_empty_painting_is_told_once() -> None:
    empty = replace(NIGHT, size=0)
    found = look_twice(empty)
    assert [told.reason for told in found.rejected] == ["it is empty: upload it again"]
    assert look(empty, ledger=found.ledger).rejected == ()


@pytest.mark.parametrize("extension", [*EXTENSIONS, "JPG", "WebP"])
def test_every_supported_picture_is_taken(extension: str) -> None:
    assert rejection(f"styles/night.{extension}") is None


def test_hidden_and_unfinished_files_are_passed_over() -> None:
    found = look_twice(named(".DS_Store"), named("night.jpg.part"))
    assert (found.start, found.rejected, found.ledger) == ((), (), frozenset())


def test_only_styles_with_a_fit_painting_are_painted() -> None:
    listing = [NIGHT, named("day.gif"), named("a/b.jpg"), replace(named("x.png"), size=0)]
    assert styles_with_painting(listing) == {"night"}


def test_a_shipped_style_is_recorded_once_for_each_of_its_networks() -> None:
    first = look(shipped={"brushwork": "b1", "fresco": "m1"})
    assert first.shipped == ("brushwork", "fresco")
    again = look(ledger=first.ledger, shipped={"brushwork": "b1", "fresco": "m2"})
    assert again.shipped == ("fresco",)


@settings(deadline=None)
@given(st.text())
def test_no_name_can_break_a_look(name: str) -> None:
    found = look_twice(named(name))
    assert len(found.start) + len(found.rejected) <= 1
    for painting in found.start:
        key = style_key(painting.name)
        assert 0 < len(key.encode()) <= MAX_KEY_BYTES
        assert not set("|,[]\n\r\t\0/") & set(key)
