from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.film_names import (
    NameTaken,
    check_name_is_free,
    former_films,
    move_former_films,
    record_film,
    recorded_film,
)
from style_pipeline.object_names import Video

CAPS, SMALL = Video("ink/CAPS.MP4"), Video("ink/CAPS.mp4")


@pytest.fixture
def stores(tmp_path: Path) -> tuple[Store, Store]:
    media, ops = (Store(url=(tmp_path / name).as_uri()) for name in ("media", "ops"))
    for name in (
        "CAPS.MP4.mp4",
        "CAPS.MP4.en.srt",
        "CAPS.MP4.jpg",
        "other.MP4.mp4",
        "clip.mov.mp4",
    ):
        media.write(f"styled/ink/{name}", name.encode())
    return media, ops


def names(store: Store) -> set[str]:
    return {found.name.rpartition("/")[2] for found in store.list("styled")}


def test_films_of_an_earlier_version_are_moved_with_what_is_beside_them(
    stores: tuple[Store, Store],
) -> None:
    media, ops = stores
    record_film(ops, CAPS, media.head("styled/ink/CAPS.MP4.mp4"), inputs="abc")
    known = [CAPS.key, "ink/clip.mov"]
    assert [*move_former_films(media, ops, known)] == [(CAPS.key, "styled/ink/CAPS.mp4")]
    assert media.read("styled/ink/CAPS.mp4") == b"CAPS.MP4.mp4"
    assert names(media) == {
        *("CAPS.mp4", "CAPS.en.srt", "CAPS.MP4.jpg"),
        *("other.MP4.mp4", "clip.mov.mp4"),
    }, "what is not of a known video stays"
    moved = media.head("styled/ink/CAPS.mp4")
    record = {"film": moved.name, "etag": moved.etag, "inputs": "abc"}
    assert recorded_film(ops, CAPS) == record
    assert [*move_former_films(media, ops, known)] == []


def test_a_film_stays_where_the_name_is_another_s_or_taken() -> None:
    there = ["styled/ink/CAPS.MP4.mp4"]
    assert former_films([CAPS.key], there) == {CAPS.key: (there[0], "styled/ink/CAPS.mp4")}
    assert former_films([CAPS.key, SMALL.key], there) == {}
    assert former_films([CAPS.key], [*there, "styled/ink/CAPS.mp4"]) == {}


def test_a_film_does_not_replace_that_of_another_video(stores: tuple[Store, Store]) -> None:
    media, ops = stores
    name = SMALL.film("mp4")
    known = [CAPS.key, SMALL.key, "ink/other.mp4"]
    check_name_is_free(ops, CAPS, name, known)
    record_film(ops, SMALL, media.write(name, b"film"), inputs="abc")
    wanted = "would have the name of that of ink/CAPS.mp4: rename the file videos/ink/CAPS.MP4"
    with pytest.raises(NameTaken, match=wanted):
        check_name_is_free(ops, CAPS, name, known)
    check_name_is_free(ops, SMALL, name, known)
    check_name_is_free(ops, CAPS, name, [CAPS.key])


@pytest.mark.parametrize("content", [b"no record", b"[]", b'{"film": "a"}'])
def test_a_record_that_cannot_be_read_is_none(content: bytes, tmp_path: Path) -> None:
    ops = Store(url=tmp_path.as_uri())
    assert recorded_film(ops, CAPS) == {}
    ops.write(CAPS.film_record, content)
    assert recorded_film(ops, CAPS) == {}
