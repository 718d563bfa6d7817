import pytest

from pipeline_kit.durations import duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (40, "40 s"), (99, "99 s"), (720, "12 min"), (7500, "2 h 5 min")],
)
def test_a_length_of_time_reads_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
