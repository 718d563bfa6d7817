from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from style_pipeline.intake.ledger import TOO_OFTEN, VERDICTS_AN_HOUR, Ledger, dump, load
from style_pipeline.intake.names import MAX_KEY_BYTES
from style_pipeline.intake.videos import (
    EXTENSIONS,
    FILM_EXTENSIONS,
    VideoIntake,
    any_videos,
    new_videos,
    rejection,
    run_key,
    video_key,
)
from style_pipeline.partitions import Video
from style_pipeline.storage.objects import StoredObject

STYLES = {"brushwork": "b1", "fresco": "m1"}
unhurried = settings(deadline=None)
CLIP = StoredObject(name="videos/fresco/clip.mp4", size=9, etag="1")


def look(
    *listing: StoredObject,
    ledger: Ledger = frozenset(),
    limit: int = 100,
    trained: Mapping[str, str] = STYLES,
    painted: Collection[str] = (),
    hour: int = 0,
) -> VideoIntake:
    return new_videos(listing, ledger, trained=trained, painted=painted, limit=limit, hour=hour)


def look_twice(*listing: StoredObject, limit: int = 100) -> VideoIntake:
    return look(*listing, ledger=look(*listing).ledger, limit=limit)


def names(found: VideoIntake) -> list[str]:
    return [video.name for video in found.start]


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


def uploads_in_a_loop(count: int, *, ledger: Ledger = frozenset(), hour: int) -> list[VideoIntake]:
    """What each of the versions, and then what is there at last, leads to."""
    found = []
    for number in range(count):
        version = replace(CLIP, etag=f"{hour}.{number}")
        for _ in range(2):
            found.append(look(version, ledger=ledger, hour=hour))
            ledger = found[-1].ledger
    return found


def test_a_name_that_is_uploaded_in_a_loop_is_started_a_few_times_an_hour() -> None:
    found = uploads_in_a_loop(20, hour=1)
    assert sum(len(each.start) for each in found) == VERDICTS_AN_HOUR
    told = [str(rejection) for each in found for rejection in each.rejected]
    assert told == [f"videos/fresco/clip.mp4 {TOO_OFTEN}"]
    last = replace(CLIP, etag="1.19")
    first = look(last, ledger=found[-1].ledger, hour=2)
    assert (*first.start, *look(last, ledger=first.ledger, hour=2).start) == (last,)


def test_what_is_rejected_in_a_loop_is_told_a_few_times_an_hour() -> None:
    ledger: Ledger = frozenset()
    told = []
    for number in range(20):
        wrong = replace(CLIP, name="videos/fresco/notes.txt", etag=str(number))
        for _ in range(2):
            found = look(wrong, ledger=ledger, hour=1)
            ledger = found.ledger
            told += [each.reason for each in found.rejected]
    assert len(told) == VERDICTS_AN_HOUR + 1
    assert told[-1] == TOO_OFTEN


def test_a_loop_of_uploads_holds_back_no_other_video() -> None:
    ledger = uploads_in_a_loop(20, hour=1)[-1].ledger
    other = replace(CLIP, name="videos/fresco/other.mp4")
    ledger = look(CLIP, other, ledger=ledger, hour=1).ledger
    assert names(look(CLIP, other, ledger=ledger, hour=1)) == [other.name]


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


def test_more_videos_than_the_limit_follow_in_later_ticks() -> None:
    listing = [replace(CLIP, name=f"videos/fresco/{number:02}.mp4") for number in range(25)]
    ledger = look(*listing).ledger
    started = []
    for expected in (10, 10, 5, 0):
        found = look(*listing, ledger=ledger, limit=10)
        assert len(found.start) == expected
        started += names(found)
        ledger = found.ledger
    assert started == [video.name for video in listing]


def test_more_rejections_than_the_limit_follow_too_and_hold_back_no_video() -> None:
    wrong = [replace(CLIP, name=f"videos/fresco/{number:02}.txt") for number in range(25)]
    ledger = look(*wrong, CLIP).ledger
    told: list[str] = []
    for expected in (10, 10, 5, 0):
        found = look(*wrong, CLIP, ledger=ledger, limit=10)
        assert len(found.rejected) == expected
        assert len(found.start) == (1 if not told else 0)
        told += [each.name for each in found.rejected]
        ledger = found.ledger
    assert told == [each.name for each in wrong]


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
    ledger = look(early, painted=["new"]).ledger
    waiting = look(early, ledger=ledger, painted=["new"])
    assert [str(each) for each in waiting.rejected] == [
        "videos/new/clip.mp4 waits: style 'new' has a painting and no trained network yet: "
        "it starts by itself once style_model has made one"
    ]
    for _ in range(2):
        waiting = look(early, ledger=waiting.ledger, painted=["new"])
        assert (waiting.start, waiting.rejected, waiting.standings) == ((), (), ())
    ready = STYLES | {"new": "n1"}
    again = look(early, ledger=waiting.ledger, trained=ready, painted=["new"])
    assert look(early, ledger=again.ledger, trained=ready, painted=["new"]).start == (early,)


def test_what_is_no_video_does_not_wait_for_a_style() -> None:
    reason = rejection("videos/new/notes.txt", trained=STYLES, painted=["new"])
    assert reason is not None
    assert reason.startswith(".txt is no kind of video")


def test_a_video_that_was_started_is_not_judged_again_when_its_style_is_gone() -> None:
    gone = look(CLIP, ledger=look_twice(CLIP).ledger, trained={}, painted=["fresco"])
    assert (gone.start, gone.rejected) == ((), ())


def settings_file(folder: str, etag: str = "s1") -> StoredObject:
    return StoredObject(name=f"videos/{folder}style.toml", size=9, etag=etag)


def standings(found: VideoIntake) -> dict[str, str]:
    """The settings that each video is told to stand under."""
    return {now.key: now.settings for now in found.standings}


def test_what_a_folder_stands_for_is_told_when_a_video_starts_and_when_it_changes() -> None:
    found = look_twice(CLIP)
    ((first,), ledger) = (found.standings, found.ledger)
    assert (first.key, first.model_hash, first.settings) == ("fresco/clip.mp4", "m1", "")
    seen = {first.version}
    for trained, files in (
        (STYLES | {"fresco": "m2"}, []),
        (STYLES | {"fresco": "m2"}, [settings_file("fresco/")]),
        (STYLES | {"fresco": "m2"}, [settings_file("fresco/", "s2")]),
        (STYLES | {"fresco": "m3"}, [settings_file("fresco/", "s2")]),
    ):
        changed = look(CLIP, *files, ledger=ledger, trained=trained)
        (now,) = changed.standings
        assert now.version not in seen
        seen.add(now.version)
        ledger = changed.ledger
        assert look(CLIP, *files, ledger=ledger, trained=trained).standings == ()
    assert look(CLIP, ledger=ledger).standings == (first,), "as it was before"


def test_another_style_s_training_is_no_news() -> None:
    ledger = look_twice(CLIP).ledger
    assert look(CLIP, ledger=ledger, trained=STYLES | {"brushwork": "b2"}).standings == ()


def test_the_nearest_settings_count() -> None:
    clips = [replace(CLIP, name=f"videos/fresco/{name}") for name in ("a.mp4", "b/c.mp4")]
    files = [settings_file("fresco/"), settings_file("fresco/b/"), settings_file("brushwork/")]
    assert standings(look_twice(*clips, *files)) == {
        "fresco/a.mp4": "videos/fresco/style.toml",
        "fresco/b/c.mp4": "videos/fresco/b/style.toml",
    }
    assert standings(look_twice(*clips, files[0])) == {
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
        assert len(found.standings) == expected
        told += [now.key for now in found.standings]
        ledger = found.ledger
    assert told == [video_key(video.name) for video in listing]


def test_starts_tell_their_standing_whatever_else_is_to_be_told() -> None:
    listing = [replace(CLIP, name=f"videos/fresco/{number}.mp4") for number in range(5)]
    new = replace(CLIP, name="videos/fresco/new.mp4")
    ledger = look(*listing, new, ledger=look_twice(*listing).ledger).ledger
    retrained = STYLES | {"fresco": "m2"}
    found = look(*listing, new, ledger=ledger, limit=1, trained=retrained)
    assert standings(found) == {"fresco/new.mp4": ""}


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


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "videos/clip.mp4",
            "it is in no style's folder: move it into videos/<style>/ (styles: brushwork, fresco)",
        ),
        (
            "videos/mosiac/clip.mp4",
            "there is no style 'mosiac': move it into the folder of a style (brushwork, fresco)",
        ),
        (
            "videos/fresco/notes.TXT",
            ".txt is no kind of video that can be read: convert it to one of mp4, m4v, mov,",
        ),
        ("videos/fresco/clip", "its name has no extension that can be read: convert it to one of"),
        ("videos/fresco/mp4", "its name has no extension that can be read: convert it to one of"),
        ("videos/fresco/a|b.mp4", "its name contains '|': rename it"),
        ("videos/fresco/a,b.mp4", "its name contains ',': rename it"),
        ("videos/fresco/a[1].mp4", "its name contains '[' ']': rename it"),
        ("videos/fresco/a\\b.mp4", r"its name contains '\\': rename it"),
        ("videos/fresco/wait....mp4", "its name contains '...': rename it"),
        ("videos/fresco/a\nb.mp4", r"its name contains '\n': rename it"),
        ("videos/fresco/\ufffd.mp4", r"its name contains '\ufffd': rename it"),
        ("videos/fresco/a\u202e4pm.exe.mp4", r"its name contains '\u202e': rename it"),
        ("videos/fresco/concat:a.mp4|b.mp4", "its name contains '|': rename it"),
        ("videos/fresco/file:/etc/passwd", "its name has no extension that can be read: convert"),
        ("videos/fresco/clip.svg", ".svg is no kind of video that can be read: convert it to one"),
        ("videos/fresco/clip.m3u8", ".m3u8 is no kind of video that can be read: convert it to"),
        ("videos/~/../../etc/a.mp4", "a folder in its path has no proper name: upload it to"),
        (
            "videos//clip.mp4",
            "a folder in its path has no proper name: upload it to <style>/<file>",
        ),
        ("videos/fresco/../a.mp4", "a folder in its path has no proper name: upload it to"),
        ("videos/fresco/ clip.mp4", "its name starts or ends with a blank: rename it"),
        ("videos/fresco/clip.mp4 ", "its name starts or ends with a blank: rename it"),
        (
            f"videos/fresco/{'ü' * 100}.mp4",
            "its name is 211 bytes long, folder included: shorten it to 200",
        ),
    ],
)
def test_what_cannot_be_started_is_told_with_what_to_do(name: str, reason: str) -> None:
    told = rejection(name, trained=STYLES)
    assert told is not None
    assert told.startswith(reason)
    assert [each.reason for each in look_twice(replace(CLIP, name=name)).rejected] == [told]


@pytest.mark.parametrize("extension", [*EXTENSIONS, "MP4", "MoV"])
def test_every_supported_container_is_taken(extension: str) -> None:
    assert rejection(f"videos/fresco/clip.{extension}", trained=STYLES) is None


@pytest.mark.parametrize(
    "clip",
    [
        "Ferien 2024.mp4",
        "e\u0301te\u0301.mov",
        "été.mov",
        "日本.mkv",
        "a/b/c.mp4",
        "100% #1 (x).ts",
    ],
)
def test_ordinary_names_are_taken(clip: str) -> None:
    assert names(look_twice(replace(CLIP, name=f"videos/fresco/{clip}"))) == [
        f"videos/fresco/{clip}"
    ]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("videos/fresco/.DS_Store", 9),
        ("videos/fresco/._clip.mp4", 9),
        ("videos/fresco/.clip.mp4.Xa81k", 9),
        ("videos/.Trash/clip.mp4", 9),
        ("videos/fresco/Thumbs.db", 9),
        ("videos/fresco/clip.mp4.part", 9),
        ("videos/fresco/clip.mp4.crdownload", 9),
        ("videos/fresco/clip.tmp", 9),
        ("videos/fresco", 0),
        ("videos/fresco/", 0),
    ],
)
def test_what_nobody_meant_as_a_video_is_passed_over(name: str, size: int) -> None:
    found = look_twice(replace(CLIP, name=name, size=size))
    assert (found.start, found.rejected, found.ledger) == ((), (), frozenset())


def test_the_cursor_of_ten_thousand_videos_is_small() -> None:
    crowd = [replace(CLIP, name=f"videos/fresco/{number}.mp4") for number in range(10_000)]
    started = look_twice(*crowd, limit=10_000).ledger
    assert len(dump(started)) < 250_000
    assert len(dump(look(*crowd, ledger=started, hour=1).ledger)) < 170_000


@unhurried
@given(st.text())
def test_no_name_can_break_a_look(name: str) -> None:
    found = look_twice(replace(CLIP, name=f"videos/{name}"))
    assert len(found.start) + len(found.rejected) <= 1
    for video in found.start:
        key = video_key(video.name)
        assert len(key.encode()) <= MAX_KEY_BYTES
        assert not set("|,[]\n\r\t\0") & set(key)
        assert "..." not in key


@dataclass
class World:
    """A store, and a Dagster that may die while it does what a look led to."""

    limit: int
    there: dict[str, StoredObject] = field(default_factory=dict)
    uploads: int = 0
    looks: int = 0
    cursor: str | None = None
    launched: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)

    def upload(self, name: str) -> None:
        self.uploads += 1
        self.there[name] = StoredObject(name=name, size=1, etag=f"e{self.uploads}")

    def delete(self, name: str) -> None:
        self.there.pop(name, None)

    def look(self, *, survive: int | None = None) -> VideoIntake:
        """One tick; Dagster dies after having launched `survive` runs, before the cursor."""
        self.looks += 1
        found = new_videos(
            self.there.values(),
            load(self.cursor),
            trained=STYLES,
            limit=self.limit,
            hour=self.looks // 2,
        )
        asked = [run_key(video) for video in found.start]
        assert not self.settled & set(asked)
        self.launched |= set(asked[:survive])
        if survive is None:
            self.settled |= set(asked)
            self.cursor = dump(found.ledger)
        return found


NAMES = [f"videos/{style}/{clip}.mp4" for style in (*STYLES, "none") for clip in "ab"]
EVENTS = st.one_of(
    st.tuples(st.just("upload"), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("look"), st.none() | st.integers(0, 3)),
)


@unhurried
@given(events=st.lists(EVENTS, max_size=40), limit=st.integers(1, 4))
def test_no_video_is_lost_and_none_asked_for_again_whenever_dagster_dies(
    events: list[tuple[str, str | int | None]], limit: int
) -> None:
    world = World(limit=limit)
    for what, value in events:
        if what == "look":
            assert value is None or isinstance(value, int)
            found = world.look(survive=value)
            assert len(found.start) <= limit
        else:
            getattr(world, what)(value)
    for _ in range(len(NAMES) + 2):
        last = world.look()
    assert (last.start, last.rejected) == ((), ())
    for name, video in world.there.items():
        assert (run_key(video) in world.launched) == ("none" not in name)


VERSIONS = st.tuples(st.text().map("videos/".__add__), st.text("0123456789abcdefx-"))


@unhurried
@given(VERSIONS, VERSIONS)
def test_two_versions_never_share_a_run_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    keys = {run_key(StoredObject(name=name, size=1, etag=etag)) for name, etag in (one, other)}
    assert len(keys) == len({one, other})
