"""Whose films they are, and what the media store has of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from scoring_service.access import OPEN
from scoring_service.drops import Drop
from scoring_service.errors import Refused
from scoring_service.films import RECORDS, Film, Films, Found
from style_pipeline.intake.reports import report, report_name
from style_pipeline.object_names import Video

VIDEO = Video("ink/2026-11-29-3f2a9c01/holiday.MP4")
DROP = Drop(VIDEO, 4, "strength = 0.50\n")


@pytest.fixture
def films(tmp_path: Path) -> Films:
    media, ops = (Store(url=(tmp_path / name).as_uri()) for name in ("media", "ops"))
    return Films(media, ops)


def test_each_sees_their_own_films_and_nobody_else_s(films: Films) -> None:
    film = films.record("@ann", DROP)
    assert films.of("@ann") == [film]
    assert films.find("@ann", film.id) == film
    for other in ("@bob", "shop", "", "..", "@ann/.."):
        assert films.of(other) == []
        with pytest.raises(Refused) as refused:
            films.find(other, film.id)
        assert (refused.value.status_code, refused.value.detail) == (404, "there is no such film")
    for wrong in ("../x", "", "0" * 32, film.id.upper() if film.id.upper() != film.id else "g"):
        with pytest.raises(Refused):
            films.find("@ann", wrong)


def test_without_keys_there_are_all_that_were_dropped_by_whatever_way(films: Films) -> None:
    asked = films.record(OPEN, DROP)
    films.media.write("videos/ink/by hand.mp4", b"clip")
    films.media.write("videos/ink/.hidden.mp4", b"clip")
    films.media.write("videos/ink/style.toml", b"")
    assert {film.video.key for film in films.of(OPEN)} == {VIDEO.key, "ink/by hand.mp4"}
    by_hand = next(film for film in films.of(OPEN) if film.video != VIDEO)
    assert films.find(OPEN, by_hand.id) == by_hand
    assert films.find(OPEN, asked.id) == asked
    with pytest.raises(Refused):
        films.find(OPEN, "0" * 32)
    assert films.of("@ann") == []


def test_a_record_that_is_none_of_ours_is_left_out(films: Films) -> None:
    films.record("@ann", DROP)
    (record,) = films.ops.list(RECORDS)
    films.ops.write(record.name.replace(".json", "0.json"), b"{")
    films.ops.write(record.name.replace(".json", "1.json"), b"{}")
    assert len(films.of("@ann")) == 1


def test_what_there_is_of_a_film_follows_from_storage_alone(films: Films) -> None:
    film = Film(VIDEO, 0)
    assert films.found(film) == Found()
    assert not films.is_dropped(film)
    films.media.write(VIDEO.source, b"clip")
    assert films.is_dropped(film)
    said = report(VIDEO.source, "it is no video", at=datetime.now(UTC))
    films.media.write(report_name(VIDEO.source), said)
    assert films.found(film) == Found(refused="it is no video")
    films.media.write(VIDEO.film("mp4"), b"film")
    assert films.found(film) == Found(film="styled/ink/2026-11-29-3f2a9c01/holiday.mp4")
    films.media.write(VIDEO.contact_sheet, b"sheet")
    assert films.found(film).sheet == VIDEO.contact_sheet
    # Of films of two kinds, the latest.
    films.media.write(VIDEO.film("mkv"), b"film")
    assert films.found(film).film.endswith("holiday.MP4.mkv")
