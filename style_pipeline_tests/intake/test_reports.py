import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_kit.storage.objects import check_name
from style_pipeline.intake.reports import (
    FOLDER,
    Rejected,
    out_of_date,
    read_report,
    report,
    report_name,
)

unhurried = settings(deadline=None)
# What names are made of that are hard to tell apart, or to keep.
hard = st.text(
    st.sampled_from("ab/.\\%|,[]\n\0 \u202eé\ud800\N{REPLACEMENT CHARACTER}"), max_size=8
)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("videos/fresco/clip.mp4", "rejected/fresco/clip.mp4.json"),
        ("videos/fresco/Ferien 2024/été.mov", "rejected/fresco/Ferien 2024/été.mov.json"),
        ("videos/clip.mp4", "rejected/clip.mp4.json"),
        ("styles/night.gif", "rejected/styles/night.gif.json"),
    ],
)
def test_a_report_is_found_by_the_file_s_own_name(name: str, place: str) -> None:
    assert report_name(name) == place


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("videos/fresco/a|b.mp4", "rejected/fresco/a%7Cb.mp4-"),
        ("videos/fresco/../../etc/passwd", "rejected/fresco/..%2F..%2Fetc%2Fpasswd-"),
        ("videos//clip.mp4", "rejected/clip.mp4-"),
        (f"videos/fresco/{'ü' * 120}.mp4", f"rejected/fresco/{'%C3%BC' * 13}%C-"),
    ],
)
def test_a_name_that_is_unfit_is_escaped(name: str, begins: str) -> None:
    assert report_name(name).startswith(begins)
    assert len(report_name(name).rpartition("/")[2]) < 120


@unhurried
@given(st.text() | hard)
def test_every_report_has_a_name_that_a_store_takes(name: str) -> None:
    found = report_name(f"videos/{name}")
    assert check_name(found) == found
    assert found.startswith(f"{FOLDER}/")
    assert found.endswith(".json")
    assert all(len(part.encode()) <= 255 for part in found.split("/"))


@unhurried
@given(st.lists(hard, min_size=2, max_size=2, unique=True))
def test_no_two_names_collide_after_escaping(names: list[str]) -> None:
    one, other = (report_name(f"videos/{name}") for name in names)
    assert one != other


def test_a_report_says_which_file_why_and_when() -> None:
    at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    said = json.loads(report("videos/fresco/été.txt", "it is no video", at=at))
    assert said == {
        "file": "videos/fresco/été.txt",
        "reason": "it is no video",
        "time": "2026-02-03T04:05:06+00:00",
    }


def test_any_name_can_be_told() -> None:
    at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    told = read_report(report("videos/\ud800.mp4", "a\nb", at=at))
    assert told == Rejected("videos/?.mp4", "a\nb", at)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Expecting value"),
        (b'"\xff"', "can't decode"),
        (b"[1]", "it is no report"),
        (b"{}", "it is no report"),
        (b'{"file": "a", "reason": "b", "time": "noon"}', "Invalid isoformat"),
    ],
)
def test_what_is_no_report_is_not_read(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_report(data)


def test_reports_are_out_of_date_when_the_file_is_gone_or_starts() -> None:
    names = {name: f"videos/fresco/{name}.mp4" for name in ("wrong", "gone", "new")}
    told = {name: report_name(dropped) for name, dropped in names.items()}
    there = [names["wrong"], names["new"], "videos/fresco/other.mp4"]
    assert out_of_date(told.values(), there, [names["new"]]) == [told["gone"], told["new"]]
