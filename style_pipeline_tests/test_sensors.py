from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData

from style_pipeline import sensors
from style_pipeline.partitions import videos
from style_pipeline.resources.stores import Store, StoreError
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline_tests.azurite import CROWD, AzureContainer

VIDEOS = dg.AssetKey("videos")


@dg.asset(partitions_def=videos)
def audio() -> None: ...


@dg.asset(partitions_def=videos)
def frames() -> None: ...


definitions = dg.Definitions(
    assets=[dg.AssetSpec(VIDEOS, partitions_def=videos), audio, frames],
    sensors=[sensors.new_videos, sensors.automation],
)


class TwoStyles(Stylizer):
    def styles(self) -> dict[str, Path]:
        return {"brushwork": Path(), "mosaic": Path()}


@dataclass
class Dagster:
    """Does with a tick what the daemon does, in its order: events, partitions, runs, cursor."""

    instance: dg.DagsterInstance
    media: Store
    cursor: str | None = None
    launched: Counter[str] = field(default_factory=Counter)

    def tick(self, *, dies_before_the_cursor: bool = False) -> SensorExecutionData:
        with dg.build_sensor_context(
            instance=self.instance,
            instance_ref=self.instance.get_ref(),
            cursor=self.cursor,
            definitions=definitions,
            sensor_name="new_videos",
            resources={"media": self.media, "stylizer": TwoStyles()},
        ) as context:
            tick = sensors.new_videos.evaluate_tick(context)
        for event in tick.asset_events:
            self.instance.report_runless_asset_event(event)
        for request in tick.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions("videos", list(request.partition_keys))
        self.launched.update({str(run.run_key) for run in tick.run_requests or ()})
        if not dies_before_the_cursor:
            self.cursor = tick.cursor
        return tick

    def partitions(self) -> list[str]:
        return sorted(self.instance.get_dynamic_partitions("videos"))


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        yield instance


@pytest.fixture(params=["folder", "azure"])
def dagster(
    request: pytest.FixtureRequest, instance: dg.DagsterInstance, tmp_path: Path
) -> Dagster:
    if request.param == "folder":
        return Dagster(instance, Store(url=(tmp_path / "media").as_uri()))
    container: AzureContainer = request.getfixturevalue("azure_container")
    return Dagster(instance, container.store())


def test_a_dropped_video_becomes_a_partition_and_a_run(dagster: Dagster) -> None:
    dropped = dagster.media.write("videos/mosaic/Ferien 1.mp4", b"film")
    first, second, third = (dagster.tick() for _ in range(3))
    assert (first.run_requests, third.run_requests) == ([], [])
    (run,) = second.run_requests or []
    assert run.partition_key == "mosaic/Ferien 1.mp4"
    assert run.run_key == f"mosaic/Ferien 1.mp4@{dropped.etag}"
    assert run.tags["style_pipeline/upload"] == dropped.etag
    assert run.tags["dagster/partition"] == "mosaic/Ferien 1.mp4"
    assert dagster.partitions() == ["mosaic/Ferien 1.mp4"]


def test_a_dropped_video_is_recorded_as_an_asset(dagster: Dagster) -> None:
    dropped = dagster.media.write("videos/mosaic/clip.mp4", b"film")
    dagster.tick()
    dagster.tick()
    (record,) = dagster.instance.fetch_materializations(VIDEOS, limit=9).records
    assert record.partition_key == "mosaic/clip.mp4"
    assert record.asset_materialization is not None
    metadata = record.asset_materialization.metadata
    assert {name: value.value for name, value in metadata.items()} == {
        "bytes": 4,
        "etag": dropped.etag,
        "location": dagster.media.location("videos/mosaic/clip.mp4"),
    }


def test_a_video_uploaded_again_runs_again(dagster: Dagster) -> None:
    for _ in range(2):
        dagster.media.write("videos/mosaic/clip.mp4", b"film")
        dagster.tick()
        dagster.tick()
    assert len(dagster.launched) == 2
    assert dagster.partitions() == ["mosaic/clip.mp4"]


def test_what_cannot_be_taken_is_told_once_and_holds_nothing_back(dagster: Dagster) -> None:
    for name in ("clip.mp4", "mosiac/clip.mp4", "mosaic/notes.txt", "mosaic/a,b.mp4"):
        dagster.media.write(f"videos/{name}", b"film")
    dagster.media.write("videos/mosaic/clip.mp4", b"film")
    for _ in range(4):
        dagster.tick()
    assert dagster.partitions() == ["mosaic/clip.mp4"]
    told = dagster.instance.fetch_observations(VIDEOS, limit=9).records
    reasons = {}
    for record in told:
        assert record.asset_observation is not None
        metadata = record.asset_observation.metadata
        reasons[metadata["file"].value] = metadata["reason"].value
    assert reasons == {
        "videos/clip.mp4": "it is in no style's folder: move it into videos/<style>/ "
        "(styles: brushwork, mosaic)",
        "videos/mosiac/clip.mp4": "there is no style 'mosiac': "
        "move it into the folder of a style (brushwork, mosaic)",
        "videos/mosaic/notes.txt": ".txt is no kind of video that can be read: convert it to one "
        "of mp4, m4v, mov, mkv, webm, avi, ts, mts, m2ts, flv, gif, mpg, mpeg, wmv, ogv, 3gp",
        "videos/mosaic/a,b.mp4": "its name contains ',': rename it",
    }
    assert len(told) == len(reasons)


def test_a_blob_that_obstore_cannot_list_is_told_and_holds_nothing_back(
    instance: dg.DagsterInstance, azure_container: AzureContainer
) -> None:
    with azure_container.client as client:
        for name in ("videos//clip.mp4", "videos/mosaic/clip.mp4"):
            client.upload_blob(name, b"film")
    dagster = Dagster(instance, azure_container.store())
    dagster.tick()
    dagster.tick()
    assert dagster.partitions() == ["mosaic/clip.mp4"]
    (record,) = instance.fetch_observations(VIDEOS, limit=9).records
    assert record.asset_observation is not None
    assert record.asset_observation.metadata["file"].value == "videos//clip.mp4"


def test_an_append_blob_is_not_taken_while_it_grows(
    instance: dg.DagsterInstance, azure_container: AzureContainer
) -> None:
    dagster = Dagster(instance, azure_container.store())
    with azure_container.client as client:
        blob = client.get_blob_client("videos/mosaic/clip.mp4")
        blob.create_append_blob()
        for _ in range(3):
            blob.append_block(b"film")
            assert dagster.tick().run_requests == []
    dagster.tick()
    assert dagster.partitions() == ["mosaic/clip.mp4"]


def test_a_listing_that_fails_fails_the_tick_and_loses_nothing(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    media = Store(url=(tmp_path / "media").as_uri())
    dagster = Dagster(instance, media)
    media.write("videos/mosaic/clip.mp4", b"film")
    dagster.tick()
    dagster.tick()
    (tmp_path / "media").rename(tmp_path / "unmounted")
    with pytest.raises(StoreError, match="is its disk mounted"):
        dagster.tick()
    (tmp_path / "unmounted").rename(tmp_path / "media")
    media.write("videos/mosaic/other.mp4", b"film")
    dagster.tick()
    dagster.tick()
    assert dagster.partitions() == ["mosaic/clip.mp4", "mosaic/other.mp4"]
    assert set(dagster.launched.values()) == {1}


def test_a_daemon_that_dies_before_it_saves_the_cursor_asks_for_the_same_run(
    dagster: Dagster,
) -> None:
    dagster.media.write("videos/mosaic/clip.mp4", b"film")
    dagster.tick()
    lost = dagster.tick(dies_before_the_cursor=True)
    again = dagster.tick()
    assert lost.run_requests
    assert [run.run_key for run in again.run_requests or ()] == [
        run.run_key for run in lost.run_requests
    ]
    assert dagster.tick().run_requests == []


def test_an_idle_tick_says_what_is_there(dagster: Dagster) -> None:
    dagster.media.write("videos/mosaic/clip.mp4", b"film")
    where = dagster.media.location("videos")
    assert [dagster.tick().skip_message for _ in range(3)] == [
        f"nothing to start in {where} (objects: 1)",
        None,
        f"nothing to start in {where} (objects: 1)",
    ]


@pytest.mark.parametrize("place", ["folder", "azure"])
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
    dagster = Dagster(instance, media)
    asked = [len(dagster.tick().run_requests or ()) for _ in range(4)]
    assert asked == [0, 100, 100, 100]
    assert calls == {"list": 4}
    assert dagster.partitions() == [name.removeprefix("videos/") for name in CROWD[:300]]


def test_both_sensors_run_by_themselves_every_few_seconds() -> None:
    found = {sensor.name: sensor for sensor in definitions.get_repository_def().sensor_defs}
    assert set(found) == {"new_videos", "automation"}
    for sensor in found.values():
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
        assert sensor.minimum_interval_seconds == 5
