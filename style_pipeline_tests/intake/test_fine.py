"""Videos that are to be stylized with the fine body, and those that wait until it is fitted."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.fine import Fine, fine_among, missing, waited_for
from style_pipeline.intake.videos import VideoIntake
from style_pipeline.look.look import version_of
from style_pipeline.look.style_toml import Settings, parse_settings
from style_pipeline_tests.intake.looks import CLIP, STYLES, look

TOML = StoredObject(name="videos/fresco/style.toml", size=9, etag="s1")


def asked(text: str = "") -> Settings:
    return parse_settings(f'quality = "fine"\n{text}'.encode(), name="style.toml")


def fine(text: str = "", **fitted: str) -> Fine:
    return Fine(
        settings={TOML.name: asked(text)}, fitted=fitted, paintings={"fresco", "day", "night"}
    )


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("", ["fresco"]),
        ("blend = { day = 1, ink = 1, great-wave = 2 }", ["day"]),
        ("style = [[0, 'day'], [2, { night = 1, fresco = 1 }]]", ["day", "fresco", "night"]),
    ],
)
def test_a_video_waits_for_the_paintings_that_take_part(text: str, lacking: list[str]) -> None:
    wanted = fine(text, **{"great-wave": "w1"})
    assert wanted.lacking("fresco/clip.mp4", TOML.name) == lacking
    assert wanted.lacking("fresco/a/clip.mp4", "videos/fresco/a/style.toml") == []
    assert waited_for([CLIP, TOML], wanted) == {*lacking}
    assert waited_for([CLIP, TOML, replace(TOML, name="videos/fresco/clip.txt")], Fine()) == set()
    assert waited_for([replace(CLIP, size=0), TOML], wanted) == set(), "nothing is there yet"


def test_what_has_no_fine_version_is_named_with_what_has() -> None:
    assert missing(["ink", "great-wave"], {"great-wave": "w1", "udnie": "u1"}) == (
        "quality = \"fine\" is not there for style 'ink': it is for great-wave, udnie, and for a "
        "painting in styles/ once it is fitted, as it is where a style.toml asks for it"
    )
    assert missing([], {}) is None


def test_only_paintings_and_settings_that_ask_for_it_count(tmp_path: Path) -> None:
    media = Store(url=tmp_path.as_uri())
    said = [b'quality = "fine"', b'quality = "standard"', b"quality = 'best'"]
    files = [media.write(f"videos/{n}/style.toml", text) for n, text in enumerate(said)]
    pictures = [media.write(f"styles/{name}", b"x") for name in ("a.jpg", "b.pth", "c.gif")]
    found = fine_among(media, files, pictures, fitted=lambda: {"d": "d1"})
    assert found == Fine(
        settings={"videos/0/style.toml": asked()}, fitted={"d": "d1"}, paintings={"a"}
    )

    def never() -> dict[str, str]:
        raise AssertionError("nobody asks for it")

    assert fine_among(media, files[1:], pictures, fitted=never) == Fine()


def test_a_video_waits_until_its_style_is_fitted_and_stands_for_that_then() -> None:
    def poll(ledger: frozenset[bytes], wanted: Fine) -> VideoIntake:
        return look(CLIP, TOML, ledger=ledger, fine=wanted)

    first = poll(frozenset(), fine())
    waiting = poll(first.ledger, fine())
    (told,) = waiting.rejected
    assert told.waits
    assert told.reason == (
        "waits: style 'fresco' is not fitted to the fine body yet: "
        "it starts by itself once style_model has made fresco/fine"
    )
    assert (waiting.start, poll(waiting.ledger, fine()).rejected) == ((), ())
    ready = poll(waiting.ledger, fine(fresco="f1"))
    started = poll(ready.ledger, fine(fresco="f1"))
    assert started.start == (CLIP,)
    (now,) = started.current_styles
    assert (now.model_hash, now.version) == ("f1", version_of("f1", "s1"))


def test_a_style_whose_standard_network_is_still_trained_is_not_waited_for() -> None:
    first = look(CLIP, TOML, trained={}, with_painting=["fresco"], fine=fine(fresco="f1"))
    again = look(
        CLIP,
        TOML,
        ledger=first.ledger,
        trained={},
        with_painting=["fresco"],
        fine=fine(fresco="f1"),
    )
    assert again.start == (CLIP,)


def test_a_film_that_is_there_stands_for_the_fine_network_once_all_that_takes_part_are_fitted() -> (
    None
):
    blend = "blend = { fresco = 1, day = 1 }"
    ledger = look(CLIP, ledger=look(CLIP).ledger).ledger
    for fitted in ({}, {"fresco": "f1"}):
        edited = look(CLIP, TOML, ledger=ledger, fine=fine(blend, **fitted))
        assert edited.current_styles == ()
        ledger = edited.ledger
    whole = fine(blend, fresco="f1", day="d1")
    (now,) = look(CLIP, TOML, ledger=ledger, fine=whole).current_styles
    assert now.version == version_of("f1", "s1")


def test_what_has_no_painting_is_for_the_look_to_refuse() -> None:
    wanted = replace(fine(), paintings=frozenset())
    first = look(CLIP, TOML, fine=wanted)
    again = look(CLIP, TOML, ledger=first.ledger, fine=wanted)
    assert again.start == (CLIP,)
    (now,) = again.current_styles
    assert now.model_hash == STYLES["fresco"]
