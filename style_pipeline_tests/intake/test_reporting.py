from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.objects import StoredObject, StoreUnavailable
from pipeline_kit.storage.store import Store
from style_pipeline.intake.reporting import reported
from style_pipeline.intake.reports import read_report, report_name
from style_pipeline.media.source import UnreadableVideo

NAME = "videos/ink/clip.mp4"


@pytest.fixture
def media(tmp_path: Path) -> Store:
    return Store(url=tmp_path.as_uri())


@pytest.fixture
def dropped(media: Store) -> StoredObject:
    return media.write(NAME, b"this is no video")


def refuse(media: Store, dropped: StoredObject) -> None:
    error = UnreadableVideo("clip.mp4 cannot be decoded")
    with (
        pytest.raises(UnreadableVideo, match=r"clip\.mp4 cannot be decoded"),
        reported(dg.build_asset_context(), media, dropped),
    ):
        raise error


def reports(media: Store) -> list[str]:
    return [found.name for found in media.list("rejected")]


def test_who_dropped_an_unusable_file_reads_why(media: Store, dropped: StoredObject) -> None:
    refuse(media, dropped)
    said = read_report(media.read(report_name(NAME)))
    assert said.file == NAME
    assert said.reason == "clip.mp4 cannot be decoded: export it again and drop it again"


@pytest.mark.parametrize("again", [True, False])
def test_nothing_is_reported_on_a_file_that_was_replaced_or_is_gone(
    media: Store, dropped: StoredObject, again: bool
) -> None:
    media.delete(NAME)
    if again:
        media.write(NAME, b"another one")
    refuse(media, dropped)
    assert reports(media) == []


def test_a_report_that_cannot_be_written_hides_no_reason(
    media: Store, dropped: StoredObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(store: Store, name: str, data: bytes) -> StoredObject:
        raise StoreUnavailable("storage is away")

    monkeypatch.setattr(Store, "write", away)
    refuse(media, dropped)
    assert reports(media) == []
