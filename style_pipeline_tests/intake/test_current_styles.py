"""What the folder of a video stands for, and when that is told."""

from dataclasses import replace

from pipeline_kit.storage.objects import StoredObject
from style_pipeline.intake.names import video_key
from style_pipeline.intake.videos import VideoIntake
from style_pipeline_tests.intake.looks import CLIP, STYLES, look, look_twice


def settings_file(folder: str, etag: str = "s1") -> StoredObject:
    return StoredObject(name=f"videos/{folder}style.toml", size=9, etag=etag)


def current_styles(found: VideoIntake) -> dict[str, str]:
    """The settings that each video is told to stand under."""
    return {now.key: now.settings for now in found.current_styles}


def test_what_a_folder_stands_for_is_told_when_a_video_starts_and_when_it_changes() -> None:
    found = look_twice(CLIP)
    ((first,), ledger) = (found.current_styles, found.ledger)
    assert (first.key, first.model_hash, first.settings) == ("fresco/clip.mp4", "m1", "")
    seen = {first.version}
    for trained, files in (
        (STYLES | {"fresco": "m2"}, []),
        (STYLES | {"fresco": "m2"}, [settings_file("fresco/")]),
        (STYLES | {"fresco": "m2"}, [settings_file("fresco/", "s2")]),
        (STYLES | {"fresco": "m3"}, [settings_file("fresco/", "s2")]),
    ):
        changed = look(CLIP, *files, ledger=ledger, trained=trained)
        (now,) = changed.current_styles
        assert now.version not in seen
        seen.add(now.version)
        ledger = changed.ledger
        assert look(CLIP, *files, ledger=ledger, trained=trained).current_styles == ()
    assert look(CLIP, ledger=ledger).current_styles == (first,), "as it was before"


def test_another_style_s_training_is_no_news() -> None:
    ledger = look_twice(CLIP).ledger
    assert look(CLIP, ledger=ledger, trained=STYLES | {"brushwork": "b2"}).current_styles == ()


def test_the_nearest_settings_count() -> None:
    clips = [replace(CLIP, name=f"videos/fresco/{name}") for name in ("a.mp4", "b/c.mp4")]
    files = [settings_file("fresco/"), settings_file("fresco/b/"), settings_file("brushwork/")]
    assert current_styles(look_twice(*clips, *files)) == {
        "fresco/a.mp4": "videos/fresco/style.toml",
        "fresco/b/c.mp4": "videos/fresco/b/style.toml",
    }
    assert current_styles(look_twice(*clips, files[0])) == {
        "fresco/a.mp4": "videos/fresco/style.toml",
        "fresco/b/c.mp4": "videos/fresco/style.toml",
    }


def test_settings_are_neither_started_nor_rejected_but_where_they_mean_nothing() -> None:
    found = look_twice(CLIP, settings_file("fresco/"), settings_file("fresco/b/"))
    assert (found.start, found.rejected) == ((CLIP,), ())
    (wrong,) = look_twice(settings_file("")).rejected
    assert wrong.reason.startswith("it is in no style's folder: move it into videos/<style>/")


def test_more_changed_standings_than_the_limit_follow_in_later_ticks() -> None:
    listing = [replace(CLIP, name=f"videos/fresco/{number:02}.mp4") for number in range(25)]
    ledger = look_twice(*listing).ledger
    retrained = STYLES | {"fresco": "m2"}
    told: list[str] = []
    for expected in (10, 10, 5, 0):
        found = look(*listing, ledger=ledger, limit=10, trained=retrained)
        assert len(found.current_styles) == expected
        told += [now.key for now in found.current_styles]
        ledger = found.ledger
    assert told == [video_key(video.name) for video in listing]


def test_starts_tell_their_standing_whatever_else_is_to_be_told() -> None:
    listing = [replace(CLIP, name=f"videos/fresco/{number}.mp4") for number in range(5)]
    new = replace(CLIP, name="videos/fresco/new.mp4")
    ledger = look(*listing, new, ledger=look_twice(*listing).ledger).ledger
    retrained = STYLES | {"fresco": "m2"}
    found = look(*listing, new, ledger=ledger, limit=1, trained=retrained)
    assert current_styles(found) == {"fresco/new.mp4": ""}
