"""Readings to anomalies in one go."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline_kit.errors import PermanentError
from sensor_pipeline.demo import bring, faults_of, main, report, run
from sensor_pipeline.plant import Fault, plant
from sensor_pipeline_tests.site import at

HOUR = "TS,Device,Tag,Value\n2026-03-01T10:00:05Z,a,t,1\n"


def test_a_person_s_own_readings_are_learned_from_and_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(
        device="pump", sensor="current", start=at(3, 30), lasts=timedelta(minutes=5), kind="dead"
    )
    rows = plant(["pump"], start=at(0), hours=4, every=20, faults=[fault], sway=0)
    table = rows.select(TS="time", Device="device", Tag="sensor", Value="value")
    table.write_csv(tmp_path / "mine.csv")
    (event,) = run(tmp_path / "mine.csv", tmp_path / "out")
    assert (event.sensor, event.start) == ("current", fault.start)
    assert json.loads((tmp_path / "out/anomalies.json").read_text()) == [event.as_json()]
    assert (tmp_path / "out/anomalies.png").stat().st_size > 1000
    said = capsys.readouterr().out
    assert "4 detectors, 1440 windows scored, 1 events" in said
    report([event], [fault, *faults_of(at(0))[:1]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("put in: dead   pump current 01 03:30:00")
    assert "found: 01 03:30:00 to 03:3" in lines[0]
    assert lines[1].endswith("found: no")
    assert len(lines) == 2


def test_of_a_folder_files_of_readings_are_brought_with_their_folders(tmp_path: Path) -> None:
    source, media = tmp_path / "source", tmp_path / "media"
    (source / "2026/03/01/10").mkdir(parents=True)
    (source / "2026/03/01/10/a.csv").write_text("TS")
    (source / "notes.txt").write_text("no readings")
    bring(source, media)
    found = [path for path in media.rglob("*") if path.is_file()]
    assert found == [media / "readings/2026/03/01/10/a.csv"]
    with pytest.raises(PermanentError, match="has no readings: it should be of avro, csv"):
        bring(source / "nowhere", media)


@pytest.mark.parametrize(
    ("table", "out", "says"),
    [
        ("a\n1\n", "out", "there is not one reading in these files"),
        (HOUR, "out", "all readings are of 2026-03-01-10:00 UTC: one more hour is needed"),
        (HOUR, ".", "holds what the demo did not make: name another folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    table: str, out: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text(table)
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(main, [str(tmp_path / "a.csv"), "--out", out])
    assert ended.exit_code == 1
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert says in last
    assert (tmp_path / "a.csv").exists()
