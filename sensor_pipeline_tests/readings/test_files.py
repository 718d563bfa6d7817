"""Files of readings, genuine and broken."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import fastavro
import pytest

from sensor_pipeline.plant import CAPTURE_SCHEMA, capture, capture_of, plant
from sensor_pipeline.readings.files import read_file
from sensor_pipeline.readings.rows import BrokenFile, Fields

SHARED = Path(__file__).parents[3] / "shared" / "sensors"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="there is no ../shared")
HEADER = "TS,Device,Tag,Value\n"
ROW = "2026-03-01 10:00:05,a,t,1.5\n"


def read(folder: Path, name: str, content: bytes | str) -> list[tuple[object, ...]]:
    path = folder / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = read_file(path, name, Fields())
    return found.rows.select("device", "sensor", "value").rows()


@needs_shared
@pytest.mark.shared
def test_a_genuine_capture_is_read_by_the_schema_that_is_written_here() -> None:
    path = SHARED / "eventhubs-capture/05.avro"
    with path.open("rb") as file:
        genuine: Any = fastavro.reader(file).writer_schema
    assert fastavro.parse_schema(dict(genuine)) == fastavro.parse_schema(CAPTURE_SCHEMA)
    found = read_file(path, "readings/ns/hub/0/2016/11/16/16/44/05.avro", Fields())
    assert found.malformed == ('{"field1": "value1", "field2": "value2"}',)
    fields = Fields(time="EnqueuedTimeUtc", device="field1", sensor="field2")
    found = read_file(path, "readings/ns/hub/0/2016/11/16/16/44/05.avro", fields)
    assert len(found.malformed) == 1, "it has no value, whatever fields are called"


@needs_shared
@pytest.mark.shared
def test_every_row_of_the_reference_s_own_file_is_a_reading() -> None:
    found = read_file(SHARED / "reference/sensor_data.csv", "readings/data.csv", Fields())
    assert (len(found.rows), found.malformed) == (17768, ())
    assert found.rows["time"].min() == datetime(2018, 8, 28, 23, 0, 5)
    assert found.rows.select("device", "sensor").n_unique() == 15


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_what_was_captured_is_what_was_sent(tmp_path: Path, codec: str) -> None:
    sent = plant(["a"], start=datetime(2026, 3, 1), hours=1, every=600)
    path = tmp_path / "file"
    path.write_bytes(capture(sent, first=5, codec=codec))
    found = read_file(path, "readings/ns/hub/3/2026/03/01/00/00/00.avro", Fields()).rows
    assert found["hub"].unique().to_list() == ["readings/ns/hub/3"]
    assert found["sequence"].to_list() == list(range(5, 5 + len(sent)))
    assert found["time"].to_list() == sent["time"].to_list()
    assert found["value"].to_list() == pytest.approx(sent["value"].to_list(), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.avro", b"", "cannot be read"),
        ("a.avro", b"Obj\x01garbage", "cannot be read"),
        ("a.avro", capture_of([b"{}"] * 50)[:-20], "cannot be read"),
        ("a.csv", "a,b\n1,2\n", "no column TS or Device or Tag or Value"),
        ("a.csv", b"\x00\r\x0b\x85,\xff\n", "no column TS or Device or Tag or Value"),
    ],
)
def test_a_broken_file_says_in_a_line_why(
    tmp_path: Path, name: str, content: bytes | str, reason: str
) -> None:
    with pytest.raises(BrokenFile, match=reason) as error:
        read(tmp_path, name, content)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson", "a.jsonl"])
def test_an_empty_text_file_has_no_readings(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, name, "") == []


def test_csv_may_have_a_byte_order_mark_quotes_and_other_columns(tmp_path: Path) -> None:
    content = '\ufeffx,Value,Tag,Device,TS\n,"1.5",t,"a,b",2026-03-01T10:00:05Z\n'
    assert read(tmp_path, "a.csv", content) == [("a,b", "t", 1.5)]


def test_rows_of_other_lengths_cost_themselves(tmp_path: Path) -> None:
    content = HEADER + ROW + "2026-03-01 10:00:10,a\n" + ROW.strip() + ",7,8\n" + ROW
    assert len(read(tmp_path, "a.csv", content)) == 3


def test_rows_that_are_no_readings_are_kept_as_they_were_and_empty_lines_are_nothing(
    tmp_path: Path,
) -> None:
    name = "\xe4".encode("latin-1")
    bad = b"2026-03-01 10:00:05,%b,t,1\n9e15,a,t,1\n2026-03-01 10:00" % name
    (tmp_path / "file").write_bytes(HEADER.encode() + b"\n" + ROW.encode() + b"\n" + bad)
    found = read_file(tmp_path / "file", "a.csv", Fields())
    assert len(found.rows) == 1
    kept = ("2026-03-01 10:00:05,\ufffd,t,1", "9e15,a,t,1", "2026-03-01 10:00,,,")
    assert found.malformed == kept


def test_lines_of_json_are_readings_and_empty_lines_nothing(tmp_path: Path) -> None:
    row = json.dumps({"TS": "2026-03-01T10:00:05Z", "Device": 1, "Tag": "t", "Value": 2})
    assert read(tmp_path, "a.ndjson", f"{row}\n\n{row}\n") == [("1", "t", 2.0)] * 2
