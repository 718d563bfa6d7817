"""What people are told of an hour."""

from sensor_pipeline.notices import anomalies_notice


def test_people_are_told_of_events_and_of_nothing_else() -> None:
    assert anomalies_notice("2026-03-01-10:00", {"events": 0}) is None
    notice = anomalies_notice("2026-03-01-10:00", {"events": 2, "worst": "| a |", "version": 3})
    assert notice
    assert notice.title == "2026-03-01-10:00 UTC: 2 unusual events"
    assert notice.facts == {"hour": "2026-03-01-10:00", "events": 2, "version": 3}


def test_one_event_is_an_event() -> None:
    notice = anomalies_notice("2026-03-01-10:00", {"events": 1})
    assert notice
    assert notice.title.endswith(": 1 unusual event")
