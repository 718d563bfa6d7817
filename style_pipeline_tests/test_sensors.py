import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData

from style_pipeline import sensors
from style_pipeline.intake.ledger import TOO_OFTEN, VERDICTS_AN_HOUR
from style_pipeline.intake.paintings import NOTHING_TO_LEARN_FROM
from style_pipeline.partitions import styles, videos
from style_pipeline.resources.models import publish_model, trained_styles
from style_pipeline.resources.stores import Store, StoreError
from style_pipeline.resources.trainer import Trainer
from style_pipeline.styles import shipped_styles
from style_pipeline_tests.azurite import CROWD, AzureContainer

VIDEOS, PAINTINGS, STYLE_MODEL, CURRENT_STYLE = (
    dg.AssetKey(name) for name in ("videos", "paintings", "style_model", "current_style")
)


@dg.asset(partitions_def=videos)
def audio() -> None: ...


@dg.asset(partitions_def=videos)
def frames() -> None: ...


@dg.asset(partitions_def=videos)
def look() -> None: ...


@dg.asset(partitions_def=styles)
def style_model() -> None: ...


definitions = dg.Definitions(
    assets=[dg.AssetSpec(VIDEOS, partitions_def=videos), audio, frames, look, style_model],
    sensors=[sensors.new_styles, sensors.new_videos, sensors.automation],
)


@dataclass
class Dagster:
    """Does with a tick what the daemon does, in its order: events, partitions, runs, cursor."""

    instance: dg.DagsterInstance
    media: Store
    ops: Store
    sensor: dg.SensorDefinition = sensors.new_videos
    photographs: str = ""
    cursor: str | None = None
    launched: Counter[str] = field(default_factory=Counter)

    def tick(self, *, dies_before_the_cursor: bool = False) -> SensorExecutionData:
        with dg.build_sensor_context(
            instance=self.instance,
            instance_ref=self.instance.get_ref(),
            cursor=self.cursor,
            definitions=definitions,
            sensor_name=self.sensor.name,
            resources={
                "media": self.media,
                "ops": self.ops,
                "trainer": Trainer(photographs=self.photographs),
            },
        ) as context:
            tick = self.sensor.evaluate_tick(context)
        for event in tick.asset_events:
            self.instance.report_runless_asset_event(event)
        for request in tick.dynamic_partitions_requests or ():
            self.instance.add_dynamic_partitions(
                request.partitions_def_name, list(request.partition_keys)
            )
        self.launched.update({str(run.run_key) for run in tick.run_requests or ()})
        if not dies_before_the_cursor:
            self.cursor = tick.cursor
        return tick

    def partitions(self) -> list[str]:
        return sorted(self.instance.get_dynamic_partitions("videos"))

    def train(self, style: str, *, sha256: str) -> None:
        """What style_model does in the end."""
        network = next(iter(shipped_styles().values()))
        publish_model(self.ops, style=style, path=network, sha256=sha256)

    def standings(self) -> dict[str, list[str]]:
        """The data versions of current_style that were noted for each video."""
        noted: dict[str, list[str]] = {}
        for record in reversed(self.instance.fetch_observations(CURRENT_STYLE, limit=99).records):
            assert record.asset_observation is not None
            version = record.asset_observation.data_version or ""
            noted.setdefault(record.partition_key or "", []).append(version)
        return noted

    def told(self, asset: dg.AssetKey) -> list[tuple[str, str]]:
        """Files that were not taken, and why."""
        found = []
        for record in reversed(self.instance.fetch_observations(asset, limit=99).records):
            assert record.asset_observation is not None
            metadata = record.asset_observation.metadata
            found.append((str(metadata["file"].value), str(metadata["reason"].value)))
        return found


def new_dagster(
    instance: dg.DagsterInstance, media: Store, folder: Path, *, style: str = "fresco"
) -> Dagster:
    """Where one style was trained beside those that ship."""
    dagster = Dagster(instance, media, Store(url=(folder / "ops").as_uri()))
    dagster.train(style, sha256="1" * 64)
    return dagster


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
        return new_dagster(instance, Store(url=(tmp_path / "media").as_uri()), tmp_path)
    container: AzureContainer = request.getfixturevalue("azure_container")
    return new_dagster(instance, container.store(), tmp_path)


def test_a_dropped_video_becomes_a_partition_and_a_run(dagster: Dagster) -> None:
    dropped = dagster.media.write("videos/fresco/Ferien 1.mp4", b"film")
    first, second, third = (dagster.tick() for _ in range(3))
    assert (first.run_requests, third.run_requests) == ([], [])
    (run,) = second.run_requests or []
    assert run.partition_key == "fresco/Ferien 1.mp4"
    assert run.run_key == f"fresco/Ferien 1.mp4@{dropped.etag}"
    assert run.tags["style_pipeline/upload"] == dropped.etag
    assert run.tags["dagster/partition"] == "fresco/Ferien 1.mp4"
    assert dagster.partitions() == ["fresco/Ferien 1.mp4"]


def test_a_dropped_video_is_recorded_as_an_asset(dagster: Dagster) -> None:
    dropped = dagster.media.write("videos/fresco/clip.mp4", b"film")
    dagster.tick()
    dagster.tick()
    (record,) = dagster.instance.fetch_materializations(VIDEOS, limit=9).records
    assert record.partition_key == "fresco/clip.mp4"
    assert record.asset_materialization is not None
    metadata = record.asset_materialization.metadata
    assert {name: value.value for name, value in metadata.items()} == {
        "bytes": 4,
        "etag": dropped.etag,
        "location": dagster.media.location("videos/fresco/clip.mp4"),
    }


def test_a_video_uploaded_again_runs_again(dagster: Dagster) -> None:
    for _ in range(2):
        dagster.media.write("videos/fresco/clip.mp4", b"film")
        dagster.tick()
        dagster.tick()
    assert len(dagster.launched) == 2
    assert dagster.partitions() == ["fresco/clip.mp4"]


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


def reports(media: Store) -> dict[str, str]:
    """The reason in each report that lies beside the media."""
    found = (report.name for report in media.list("rejected"))
    return {name: json.loads(media.read(name))["reason"] for name in found}


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


def test_an_append_blob_is_not_taken_while_it_grows(
    instance: dg.DagsterInstance, azure_container: AzureContainer, tmp_path: Path
) -> None:
    dagster = new_dagster(instance, azure_container.store(), tmp_path)
    with azure_container.client as client:
        blob = client.get_blob_client("videos/fresco/clip.mp4")
        blob.create_append_blob()
        for _ in range(3):
            blob.append_block(b"film")
            assert dagster.tick().run_requests == []
    dagster.tick()
    assert dagster.partitions() == ["fresco/clip.mp4"]


def test_a_listing_that_fails_fails_the_tick_and_loses_nothing(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    media = Store(url=(tmp_path / "media").as_uri())
    dagster = new_dagster(instance, media, tmp_path)
    media.write("videos/fresco/clip.mp4", b"film")
    dagster.tick()
    dagster.tick()
    (tmp_path / "media").rename(tmp_path / "unmounted")
    with pytest.raises(StoreError, match="is its disk mounted"):
        dagster.tick()
    (tmp_path / "unmounted").rename(tmp_path / "media")
    media.write("videos/fresco/other.mp4", b"film")
    dagster.tick()
    dagster.tick()
    assert dagster.partitions() == ["fresco/clip.mp4", "fresco/other.mp4"]
    assert set(dagster.launched.values()) == {1}


def test_a_daemon_that_dies_before_it_saves_the_cursor_asks_for_the_same_run(
    dagster: Dagster,
) -> None:
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    dagster.tick()
    lost = dagster.tick(dies_before_the_cursor=True)
    again = dagster.tick()
    assert lost.run_requests
    assert [run.run_key for run in again.run_requests or ()] == [
        run.run_key for run in lost.run_requests
    ]
    assert dagster.tick().run_requests == []


def test_an_idle_tick_says_what_is_there(dagster: Dagster) -> None:
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    where = dagster.media.location("videos")
    assert [dagster.tick().skip_message for _ in range(3)] == [
        f"nothing to start in {where} (objects: 1)",
        None,
        f"nothing to start in {where} (objects: 1)",
    ]


def test_a_video_waits_for_its_style_says_so_once_and_starts_by_itself(dagster: Dagster) -> None:
    dagster.media.write("styles/night.jpg", b"painting")
    dagster.media.write("videos/night/clip.mp4", b"film")
    for _ in range(3):
        assert dagster.tick().run_requests == []
    assert dagster.told(VIDEOS) == [
        (
            "videos/night/clip.mp4",
            "waits: style 'night' has a painting and no trained network yet: "
            "it starts by itself once style_model has made one",
        )
    ]
    dagster.train("night", sha256="2" * 64)
    asked = [len(dagster.tick().run_requests or ()) for _ in range(3)]
    assert asked == [0, 1, 0]
    assert dagster.partitions() == ["night/clip.mp4"]


def test_what_a_folder_stands_for_is_noted_when_a_video_arrives_and_when_it_changes(
    dagster: Dagster,
) -> None:
    video, other = "fresco/clip.mp4", "brushwork/clip.mp4"
    for key in (video, other):
        dagster.media.write(f"videos/{key}", b"film")

    def noted() -> list[int]:
        """How many versions of each video, after two more ticks."""
        dagster.tick()
        dagster.tick()
        versions = dagster.standings()
        assert all(len(set(found)) == len(found) for found in versions.values())
        return [len(versions[video]), len(versions[other])]

    assert noted() == [1, 1]
    assert noted() == [1, 1]
    dagster.train("fresco", sha256="2" * 64)
    assert noted() == [2, 1]
    dagster.media.write("videos/fresco/style.toml", b"strength = 0.5")
    assert noted() == [3, 1]
    dagster.media.write("videos/fresco/style.toml", b"strength = 0.25")
    assert noted() == [4, 1]
    assert len(dagster.launched) == 2


def test_what_its_folder_stands_for_is_noted_before_a_video_runs(dagster: Dagster) -> None:
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    dagster.tick()
    dagster.tick(dies_before_the_cursor=True)
    dagster.tick()
    assert list(dagster.standings()) == ["fresco/clip.mp4"]


@pytest.fixture
def studio(dagster: Dagster) -> Dagster:
    """The same for the sensor of paintings; there is a video to learn from."""
    dagster.media.write("videos/brushwork/clip.mp4", b"film")
    return replace(dagster, sensor=sensors.new_styles)


def test_a_dropped_painting_becomes_a_partition_and_a_training(studio: Dagster) -> None:
    dropped = studio.media.write("styles/Starry Night.jpg", b"painting")
    first, second, third = (studio.tick() for _ in range(3))
    assert (first.run_requests, third.run_requests) == ([], [])
    (run,) = second.run_requests or []
    assert run.partition_key == "Starry Night"
    assert run.run_key == f"Starry Night@{dropped.etag}"
    assert run.tags["style_pipeline/upload"] == dropped.etag
    assert "Starry Night" in studio.instance.get_dynamic_partitions("styles")
    (record,) = studio.instance.fetch_materializations(PAINTINGS, limit=9).records
    assert record.partition_key == "Starry Night"


def test_a_painting_that_changes_is_trained_again(studio: Dagster) -> None:
    for _ in range(2):
        studio.media.write("styles/night.png", b"painting")
        studio.tick()
        studio.tick()
    assert len(studio.launched) == 2


def test_what_is_no_painting_is_told_once_and_holds_nothing_back(studio: Dagster) -> None:
    for name in ("a.jpg", "a.png", "b.gif", "c/d.jpg"):
        studio.media.write(f"styles/{name}", b"painting")
    for _ in range(4):
        studio.tick()
    assert [run.partition("@")[0] for run in studio.launched] == ["a"]
    assert [name for name, _ in studio.told(PAINTINGS)] == [
        "styles/a.png",
        "styles/b.gif",
        "styles/c/d.jpg",
    ]


def test_who_dropped_what_is_no_painting_reads_why(studio: Dagster) -> None:
    studio.media.write("styles/b.gif", b"painting")
    studio.media.write("rejected/styles/a.jpg.json", b"{}")
    studio.media.write("styles/a.jpg", b"painting")
    for _ in range(3):
        studio.tick()
    (reason,) = (told for name, told in reports(studio.media).items() if "b.gif" in name)
    assert reason.startswith(".gif is no kind of picture that can be read")
    assert "rejected/styles/a.jpg.json" not in reports(studio.media)


def test_a_painting_waits_for_something_to_learn_from(studio: Dagster) -> None:
    studio.media.delete("videos/brushwork/clip.mp4")
    studio.media.write("styles/night.jpg", b"painting")
    for _ in range(3):
        assert studio.tick().run_requests == []
    assert studio.told(PAINTINGS) == [("styles/night.jpg", NOTHING_TO_LEARN_FROM)]
    studio.media.write("videos/night/clip.mp4", b"film")
    studio.tick()
    studio.tick()
    assert len(studio.launched) == 1


def test_photographs_of_a_person_s_own_are_enough_to_learn_from(studio: Dagster) -> None:
    studio.media.delete("videos/brushwork/clip.mp4")
    studio.photographs = "file:///photographs"
    studio.media.write("styles/night.jpg", b"painting")
    studio.tick()
    studio.tick()
    assert len(studio.launched) == 1


def test_shipped_styles_are_recorded_once_as_trained(studio: Dagster) -> None:
    for _ in range(3):
        studio.tick()
    assert set(studio.instance.get_dynamic_partitions("styles")) == set(shipped_styles())
    records = studio.instance.fetch_materializations(STYLE_MODEL, limit=99).records
    recorded = {}
    for record in records:
        assert record.asset_materialization is not None
        sha256 = record.asset_materialization.metadata["model_hash"].value
        assert (record.asset_materialization.tags or {})["dagster/data_version"] == sha256
        recorded[record.partition_key] = sha256
    assert len(records) == len(recorded)
    trained = trained_styles(studio.ops)
    assert recorded == {style: trained[style] for style in shipped_styles()}


def test_a_shipped_style_that_was_trained_again_is_not_recorded_as_it_ships(
    studio: Dagster,
) -> None:
    studio.train("brushwork", sha256="2" * 64)
    studio.tick()
    records = studio.instance.fetch_materializations(STYLE_MODEL, limit=99).records
    assert {record.partition_key for record in records} == {*shipped_styles()} - {"brushwork"}


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
    dagster = new_dagster(instance, media, tmp_path)
    calls.clear()
    asked = [len(dagster.tick().run_requests or ()) for _ in range(4)]
    assert asked == [0, 100, 100, 100]
    assert calls == {"list": 16, "read": 1}
    assert dagster.partitions() == [name.removeprefix("videos/") for name in CROWD[:300]]


def test_all_sensors_run_by_themselves_every_few_seconds() -> None:
    found = {sensor.name: sensor for sensor in definitions.get_repository_def().sensor_defs}
    assert set(found) == {"new_styles", "new_videos", "automation"}
    for sensor in found.values():
        assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
        assert sensor.minimum_interval_seconds == 5
