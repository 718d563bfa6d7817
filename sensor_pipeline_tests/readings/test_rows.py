"""What counts as a reading, in JSON and in tables."""

import json
from datetime import datetime

import polars as pl
import pytest

from sensor_pipeline.readings.rows import BrokenFile, Fields, from_columns, from_json

TIME = "2026-03-01T10:00:05.250Z"
FIELDS = Fields()


def text(**changes: object) -> bytes:
    return json.dumps({"TS": TIME, "Device": "a", "Tag": "t", "Value": 1.5, **changes}).encode()


def test_names_and_values_of_other_types_are_read() -> None:
    found = from_json([text(Device=7, Value="2.5", TS=1772359205)], FIELDS)
    assert found.rows.select("device", "value").row(0) == ("7", 2.5)
    assert found.malformed == ()


@pytest.mark.parametrize(
    "bad",
    [
        b"no json",
        b"",
        b"3",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        text(Value=None),
        text(Value="NaN"),
        text(Value=True),
        text(Value=[1]),
        text(Value=10**400),
        text(Value=1.7e308),
        text(TS=9e15),
        text(Device=True),
        text(Device="half \ud800"),
        text(Device="a").replace(b'"a"', b'"\xff"'),
        text(TS="yesterday"),
        text(Device=None),
        text(Device=""),
        text(Tag={"a": 1}),
        b'{"TS": "2026-03-01T10:00:05Z"}',
    ],
)
def test_a_malformed_row_costs_itself_and_is_kept(bad: bytes) -> None:
    found = from_json([text(Value=1), bad, text(Value=3)], FIELDS, hub="h", sequences=[1, 2, 3])
    assert found.rows.select("value", "sequence").rows() == [(1.0, 1), (3.0, 3)]
    assert found.malformed == (bad.decode(errors="replace"),)


@pytest.mark.parametrize(
    ("name", "meant"),
    [(7, "7"), (7.0, "7"), (0.5, "0.5"), (10**30, str(10**30)), ("ß\U0001f600", None)],
)
def test_a_sensor_is_called_the_same_whatever_comes_beside_it(
    name: object, meant: str | None
) -> None:
    alone, beside = from_json([text(Tag=name)], FIELDS), from_json([text(Tag=name), b"[]"], FIELDS)
    assert alone.rows.equals(beside.rows)
    assert alone.rows["sensor"].to_list() == [meant or name]


def test_a_body_may_be_a_list_or_several_lines_which_number_their_parts() -> None:
    several = b"[" + text(Value=1) + b"," + text(Value=2) + b"]"
    lines = text(Value=3) + b"\r\n" + text(Value=4)
    found = from_json([several, lines], FIELDS, hub="h", sequences=[8, 9])
    assert found.rows.select("value", "sequence", "part").rows() == [
        (1.0, 8, 0),
        (2.0, 8, 1),
        (3.0, 9, 0),
        (4.0, 9, 1),
    ]


def test_texts_with_lines_in_them_do_not_shift_those_after() -> None:
    two = text(Value=1) + b"\n" + text(Value=2)
    found = from_json([two, b"", text(Value=3)], FIELDS, hub="h", sequences=[1, 2, 3])
    assert found.rows.select("value", "sequence").rows() == [(1.0, 1), (2.0, 1), (3.0, 3)]


def test_the_time_of_the_hub_stands_in_where_that_is_asked_for() -> None:
    fields = Fields(time="EnqueuedTimeUtc")
    found = from_json([text()], fields, times=["11/16/2016 4:44:11 PM"])
    assert found.rows["time"].to_list() == [datetime(2016, 11, 16, 16, 44, 11)]


def test_fields_are_called_as_they_are_set() -> None:
    fields = Fields(time="at", device="machine", sensor="kind", value="v")
    found = from_json([b'{"at": "2026-03-01", "machine": "m", "kind": "k", "v": 1}'], fields)
    assert found.malformed == ('{"at": "2026-03-01", "machine": "m", "kind": "k", "v": 1}',)
    found = from_json([b'{"at": "2026-03-01 01:00", "machine": "m", "kind": "k", "v": 1}'], fields)
    assert found.rows.select("device", "sensor", "value").row(0) == ("m", "k", 1.0)


def test_a_table_without_the_columns_says_which_it_has() -> None:
    table = pl.DataFrame({"TS": [TIME], "Device": ["a"], "tag": ["t"]})
    with pytest.raises(BrokenFile, match="no column Tag or Value: its columns are 'TS', 'Device'"):
        from_columns(table, FIELDS)
