"""Which videos are decoded again, as a `style.toml` says otherwise than before."""

from dataclasses import replace

from pipeline_kit.storage.objects import StoredObject
from style_pipeline_tests.intake.looks import CLIP, look, look_twice

SETTINGS = StoredObject(name="videos/fresco/style.toml", size=9, etag="s1")


def test_a_video_is_decoded_again_once_for_each_change() -> None:
    ledger = look_twice(CLIP).ledger
    for reading, again in (
        ("", []),
        ("damage concealed", [CLIP]),
        ("damage concealed", []),
        ("interlaced kept", [CLIP]),
        ("damage concealed", [CLIP]),
        ("", [CLIP]),
        ("", []),
        ("damage concealed", [CLIP]),
    ):
        found = look(CLIP, SETTINGS, ledger=ledger, readings={SETTINGS.name: reading})
        assert (list(found.again), found.start) == (again, ())
        ledger = found.ledger
    gone = look(CLIP, ledger=ledger)
    assert gone.again == (CLIP,)
    assert look(CLIP, ledger=gone.ledger).again == ()


def test_settings_that_cannot_be_read_change_nothing() -> None:
    readings: dict[str, str | None] = {SETTINGS.name: "damage concealed"}
    ledger = look(
        CLIP, SETTINGS, ledger=look_twice(CLIP, SETTINGS).ledger, readings=readings
    ).ledger
    broken = look(CLIP, SETTINGS, ledger=ledger, readings={SETTINGS.name: None})
    assert broken.again == ()
    assert look(CLIP, SETTINGS, ledger=broken.ledger, readings={SETTINGS.name: ""}).again == (CLIP,)


def test_a_video_that_starts_under_such_settings_is_not_decoded_twice() -> None:
    readings: dict[str, str | None] = {SETTINGS.name: "interlaced kept"}
    ledger = look(CLIP, SETTINGS, readings=readings).ledger
    for again in ([CLIP], []):
        found = look(CLIP, SETTINGS, ledger=ledger, readings=readings)
        assert (list(found.start), found.again) == (again, ())
        ledger = found.ledger
    uploaded = replace(CLIP, etag="2")
    for _ in range(3):
        found = look(uploaded, SETTINGS, ledger=ledger, readings=readings)
        assert found.again == ()
        ledger = found.ledger


def test_more_videos_than_the_limit_are_decoded_again_in_later_ticks() -> None:
    listing = [replace(CLIP, name=f"videos/fresco/{number:02}.mp4") for number in range(25)]
    ledger = look_twice(*listing).ledger
    for reading in ("damage concealed", ""):
        for expected in (10, 10, 5, 0):
            found = look(
                *listing, SETTINGS, ledger=ledger, limit=10, readings={SETTINGS.name: reading}
            )
            assert len(found.again) == expected
            ledger = found.ledger
