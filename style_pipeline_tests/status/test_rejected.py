import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.intake.reports import report, report_name
from style_pipeline.status import rejected
from style_pipeline.status.rejected import MOST_BYTES, rejected_files


@pytest.fixture
def media(tmp_path: Path) -> Store:
    """With reports on two files, the second a day later, and with what is no report."""
    media = Store(url=tmp_path.as_uri())
    for day, name in enumerate(("videos/ink/notes.txt", "videos/ink/red.mp4"), start=20):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        written = media.write(report_name(name), report(name, "it is no video", at=at))
        os.utime(media.location(written.name), (day, day))
    media.write("rejected/ink/other.json", b"[1, 2]")
    media.write("rejected/ink/huge.json", b" " * (MOST_BYTES + 1))
    return media


def test_the_latest_report_comes_first_and_what_is_none_is_left_out(media: Store) -> None:
    found, more = rejected_files(media)
    assert [(file.key, file.time.day) for file in found] == [
        ("ink/red.mp4", 21),
        ("ink/notes.txt", 20),
    ]
    assert more == 0


def test_of_very_many_reports_the_latest_are_read(
    media: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("other", "huge"):
        media.delete(f"rejected/ink/{name}.json")
    monkeypatch.setattr(rejected, "MOST", 1)
    found, more = rejected_files(media)
    assert ([file.key for file in found], more) == (["ink/red.mp4"], 1)
