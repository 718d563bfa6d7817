import pytest

from pipeline_kit.durations import duration, in_seconds


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *((0.4, "0 s"), (40, "40 s"), (99, "99 s"), (100, "2 min"), (720, "12 min")),
        *((3600, "60 min"), (6000, "1 h 40 min"), (7500, "2 h 5 min")),
    ],
)
def test_a_length_of_time_reads_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("45m", 2700), ("12h", 43200), ("30d", 2592000), ("0d", 0)]
)
def test_an_age_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert in_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1 d", "1y", "9999999d"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="should be a number and a unit"):
        in_seconds(text)
