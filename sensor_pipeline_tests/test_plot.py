"""Events as a picture and as a table."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import polars as pl
import pytest
from PIL import Image

from sensor_pipeline.detection.events import Event
from sensor_pipeline.plot import plot, table
from sensor_pipeline_tests.site import at

EVENT = Event(
    device="press",
    sensor="pressure",
    start=at(1),
    end=at(1, 5),
    flagged=60,
    peak_score=3.0,
    peak_time=at(1, 1),
    peak_value=9.5,
    threshold=0.4,
    open=False,
)
SCORES = pl.DataFrame(
    {
        "device": "press",
        "sensor": "pressure",
        "time": [at(1) + timedelta(minutes=n) for n in range(-5, 10)],
        "value": [5.0] * 5 + [9.5] * 5 + [5.0] * 5,
        "score": [-1.0] * 5 + [3.0] * 5 + [None] * 5,
        "threshold": 0.4,
    }
)


def height(*events: Event) -> int:
    with Image.open(BytesIO(plot(events, SCORES, title="an hour"))) as image:
        return image.height


def test_each_sensor_has_one_chart_however_often_it_was_flagged() -> None:
    again = replace(EVENT, start=at(1, 7), end=at(1, 8))
    other = replace(EVENT, sensor="current")
    assert height(EVENT, again) < height(EVENT, other)


@pytest.mark.parametrize("name", ["$x_{$", "$$", "a\nb\0", "x" * 5000])
def test_a_name_of_any_kind_is_a_title_of_one_line(name: str) -> None:
    assert height(replace(EVENT, device=name, sensor=name)) == height(EVENT)


def test_values_of_any_size_are_drawn() -> None:
    huge = SCORES.with_columns(pl.col("value") * 1e149)
    assert plot([EVENT], huge, title="an hour")


def test_a_table_has_the_worst_first_and_says_how_many_more_there_are() -> None:
    lines = table([EVENT, replace(EVENT, open=True), EVENT], most=2).splitlines()
    assert lines[2] == "| 3.00 | press | pressure | 01:00:00 | 01:05:00 | 9.5 |"
    assert "| goes on |" in lines[3]
    assert lines[-1] == "and 1 more"


def test_a_name_brings_no_link_picture_or_column_into_the_table() -> None:
    row = table([replace(EVENT, device="![a](http://b)", sensor="x|y\n<b>")]).splitlines()[2]
    assert row.count("|") == 7
    assert not set("![]()<>") & set(row)
    assert "://" not in row
