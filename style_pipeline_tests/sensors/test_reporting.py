"""What is not taken is told once, to whom it concerns, and holds nothing back."""

from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.orchestration.ledger import TOO_OFTEN, VERDICTS_AN_HOUR
from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import CROWD, AzureContainer
from style_pipeline.resources.models import trained_styles
from style_pipeline_tests.sensors.daemon import VIDEOS, Dagster, new_dagster, reports


def test_what_cannot_be_taken_is_told_once_and_holds_nothing_back(dagster: Dagster) -> None:
    for name in ("clip.mp4", "mosiac/clip.mp4", "fresco/notes.txt", "fresco/a,b.mp4"):
        dagster.media.write(f"videos/{name}", b"film")
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    for _ in range(4):
        dagster.tick()
    assert dagster.partitions() == ["fresco/clip.mp4"]
    told = dagster.told(VIDEOS)
    known = ", ".join(trained_styles(dagster.ops))
    assert dict(told) == {
        "videos/clip.mp4": "it is in no style's folder: move it into videos/<style>/ "
        f"(styles: {known})",
        "videos/mosiac/clip.mp4": "there is no style 'mosiac': "
        f"move it into the folder of a style ({known})",
        "videos/fresco/notes.txt": ".txt is no kind of video that can be read: convert it to one "
        "of mp4, m4v, mov, mkv, webm, avi, ts, mts, m2ts, flv, gif, mpg, mpeg, wmv, ogv, 3gp",
        "videos/fresco/a,b.mp4": "its name contains ',': rename it",
    }
    assert len(told) == len(dict(told))


def test_who_dropped_what_cannot_be_taken_reads_why_until_it_is_mended(dagster: Dagster) -> None:
    media = dagster.media
    for name in ("fresco/notes.txt", "fresco/a,b.mp4", "fresco/clip.mp4", "night/early.mp4"):
        media.write(f"videos/{name}", b"film")
    media.write("videos/fresco/empty.mp4", b"")
    media.write("styles/night.jpg", b"painting")
    for _ in range(3):
        dagster.tick()
    told = reports(media)
    (escaped,) = (name for name in told if name.startswith("rejected/fresco/a%2Cb.mp4-"))
    assert told.pop("rejected/fresco/notes.txt.json").startswith(".txt is no kind of video")
    assert told.pop(escaped) == "its name contains ',': rename it"
    assert told == {"rejected/fresco/empty.mp4.json": "it is empty: upload it again"}

    media.delete("videos/fresco/notes.txt")
    dagster.tick()
    assert reports(media).keys() == {escaped, "rejected/fresco/empty.mp4.json"}
    media.write("videos/fresco/empty.mp4", b"film")
    dagster.tick()
    dagster.tick()
    assert reports(media).keys() == {escaped}
    assert "fresco/empty.mp4" in dagster.partitions()


def test_a_report_that_cannot_be_written_or_deleted_holds_nothing_back(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StoreError("there is no room")

    dagster.media.write("rejected/fresco/gone.mp4.json", b"{}")
    for name in ("fresco/notes.txt", "fresco/clip.mp4"):
        dagster.media.write(f"videos/{name}", b"film")
    monkeypatch.setattr(Store, "write", fails)
    monkeypatch.setattr(Store, "delete", fails)
    dagster.tick()
    dagster.tick()
    assert dagster.partitions() == ["fresco/clip.mp4"]
    assert [name for name, _ in dagster.told(VIDEOS)] == ["videos/fresco/notes.txt"]


def test_a_video_that_is_uploaded_in_a_loop_waits(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 7.5 * 3600)
    for number in range(9):
        dagster.media.write("videos/fresco/clip.mp4", b"film %d" % number)
        dagster.tick()
        dagster.tick()
    assert len(dagster.launched) == VERDICTS_AN_HOUR
    assert dagster.told(VIDEOS) == [("videos/fresco/clip.mp4", TOO_OFTEN)]
    monkeypatch.setattr("time.time", lambda: 8 * 3600.0)
    dagster.tick()
    dagster.tick()
    assert len(dagster.launched) == VERDICTS_AN_HOUR + 1


def test_a_blob_that_obstore_cannot_list_is_told_and_holds_nothing_back(
    instance: dg.DagsterInstance, azure_container: AzureContainer, tmp_path: Path
) -> None:
    with azure_container.client as client:
        for name in ("videos//clip.mp4", "videos/fresco/clip.mp4"):
            client.upload_blob(name, b"film")
    dagster = new_dagster(instance, azure_container.store(), tmp_path)
    dagster.tick()
    dagster.tick()
    assert dagster.partitions() == ["fresco/clip.mp4"]
    (record,) = instance.fetch_observations(VIDEOS, limit=9).records
    assert record.asset_observation is not None
    assert record.asset_observation.metadata["file"].value == "videos//clip.mp4"


@pytest.mark.parametrize("place", ["folder", pytest.param("azure", marks=pytest.mark.nightly)])
def test_thousands_of_videos_at_once_are_a_bounded_tick(
    place: str,
    instance: dg.DagsterInstance,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if place == "folder":
        media = Store(url=(tmp_path / "media").as_uri())
        (tmp_path / "media/videos/brushwork").mkdir(parents=True)
        for name in CROWD:
            (tmp_path / "media" / name).write_bytes(b"film")
    else:
        media = request.getfixturevalue("crowded_container").store()
    calls: Counter[str] = Counter()
    for method in ("list", "head", "read", "download"):
        call = getattr(Store, method)

        def counted(*args: object, call=call, method=method, **options: object) -> object:  # type: ignore[no-untyped-def]
            calls[method] += 1
            return call(*args, **options)

        monkeypatch.setattr(Store, method, counted)
    dagster = new_dagster(instance, media, tmp_path)
    calls.clear()
    asked = [len(dagster.tick().run_requests or ()) for _ in range(4)]
    assert asked == [0, 100, 100, 100]
    assert calls == {"list": 17, "read": 1}
    assert dagster.partitions() == [name.removeprefix("videos/") for name in CROWD[:300]]
