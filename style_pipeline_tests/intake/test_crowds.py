"""Many files at once, and one again and again."""

from dataclasses import replace

from pipeline_kit.orchestration.ledger import TOO_OFTEN, VERDICTS_AN_HOUR, Ledger, dump
from style_pipeline.intake.videos import VideoIntake
from style_pipeline_tests.intake.looks import CLIP, look, look_twice, names


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


def test_the_cursor_of_ten_thousand_videos_is_small() -> None:
    crowd = [replace(CLIP, name=f"videos/fresco/{number}.mp4") for number in range(10_000)]
    started = look_twice(*crowd, limit=10_000).ledger
    assert len(dump(started)) < 250_000
    assert len(dump(look(*crowd, ledger=started, hour=1).ledger)) < 170_000


def uploads_in_a_loop() -> list[VideoIntake]:
    """What each of twenty versions within an hour leads to."""
    found: list[VideoIntake] = []
    for number in range(20):
        version = replace(CLIP, etag=str(number))
        for _ in range(2):
            ledger = found[-1].ledger if found else frozenset()
            found.append(look(version, ledger=ledger, hour=1))
    return found


def test_a_name_that_is_uploaded_in_a_loop_is_started_a_few_times_an_hour() -> None:
    found = uploads_in_a_loop()
    assert sum(len(each.start) for each in found) == VERDICTS_AN_HOUR
    told = [str(rejection) for each in found for rejection in each.rejected]
    assert told == [f"videos/fresco/clip.mp4 {TOO_OFTEN}"]
    last = replace(CLIP, etag="19")
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
    ledger = uploads_in_a_loop()[-1].ledger
    other = replace(CLIP, name="videos/fresco/other.mp4")
    ledger = look(CLIP, other, ledger=ledger, hour=1).ledger
    assert names(look(CLIP, other, ledger=ledger, hour=1)) == [other.name]
