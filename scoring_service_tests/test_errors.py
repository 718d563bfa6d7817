"""What callers are told."""

from scoring_service.errors import not_loaded, too_busy, too_large


def test_whoever_is_to_come_back_is_told_when_in_whole_seconds() -> None:
    assert (too_busy("busy", seconds=0.01).headers or {})["Retry-After"] == "1"
    assert (too_busy("busy", seconds=1.2).headers or {})["Retry-After"] == "2"
    assert (not_loaded("faq").headers or {})["Retry-After"] == "5"


def test_each_has_its_status() -> None:
    found = [too_busy("a"), too_large("b"), not_loaded("c")]
    assert [(each.status_code, each.detail) for each in found] == [
        (429, "a"),
        (413, "b"),
        (503, "c is not loaded yet"),
    ]
