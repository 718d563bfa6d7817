from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.storage.objects import StoreError
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.azurite import AzureContainer
from style_pipeline.intake.reports import report
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.styles import FINE
from style_pipeline_tests.runs import remember
from style_pipeline_tests.sensors.daemon import VIDEOS, Dagster, new_dagster, reports


def test_a_dropped_video_becomes_a_partition_a_run_and_an_arrival(dagster: Dagster) -> None:
    dropped = dagster.media.write("videos/fresco/Ferien 1.mp4", b"film")
    first, second, third = (dagster.tick() for _ in range(3))
    assert (first.run_requests, third.run_requests) == ([], [])
    (run,) = second.run_requests or []
    assert run.partition_key == "fresco/Ferien 1.mp4"
    assert run.run_key == f"fresco/Ferien 1.mp4@{dropped.etag}"
    assert run.tags["style_pipeline/upload"] == dropped.etag
    assert run.tags["dagster/partition"] == "fresco/Ferien 1.mp4"
    assert dagster.partitions() == ["fresco/Ferien 1.mp4"]
    (record,) = dagster.instance.fetch_materializations(VIDEOS, limit=9).records
    assert record.partition_key == "fresco/Ferien 1.mp4"
    assert record.asset_materialization is not None
    metadata = record.asset_materialization.metadata
    assert {name: value.value for name, value in metadata.items()} == {
        "bytes": 4,
        "etag": dropped.etag,
        "location": dagster.media.location("videos/fresco/Ferien 1.mp4"),
    }


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
        versions = dagster.current_styles()
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
    assert list(dagster.current_styles()) == ["fresco/clip.mp4"]


def test_a_video_is_decoded_again_when_its_settings_say_otherwise_also_one_that_was_refused(
    dagster: Dagster,
) -> None:
    filmed, refused = "fresco/filmed.mp4", "fresco/refused.mp4"
    for key in (filmed, refused):
        dagster.media.write(f"videos/{key}", b"film")
    for _ in range(3):
        dagster.tick()
    remember(dagster.instance, "look", filmed)
    dagster.media.write(f"rejected/{refused}.json", b"{}")
    keys = set()
    for settings, times in (
        (b"strength = 0.5", 0),
        (b'damaged = "conceal"', 1),
        (b'damaged = "conceal"\nstrength = 1', 0),
        (b"damaged = ", 0),
        (b'interlaced = "keep"', 1),
        (b'damaged = "conceal"', 1),
        (b"", 1),
    ):
        dagster.media.write("videos/fresco/style.toml", settings)
        runs = [run for _ in range(3) for run in dagster.tick().run_requests or ()]
        assert [run.partition_key for run in runs] == [filmed, refused] * times
        for run in runs:
            assets = {key.to_user_string() for key in run.asset_selection or ()}
            assert assets == {
                "audio",
                "frames",
                *(["look"] if run.partition_key == refused else []),
            }
            assert run.run_key not in keys
            keys.add(run.run_key)
    assert reports(dagster.media) == {}


def test_a_daemon_that_dies_before_it_saves_the_cursor_decodes_again_once(
    dagster: Dagster,
) -> None:
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    for _ in range(2):
        dagster.tick()
    dagster.media.write("videos/fresco/style.toml", b'interlaced = "keep"')
    lost = dagster.tick(dies_before_the_cursor=True).run_requests or []
    again = dagster.tick().run_requests or []
    assert [run.run_key for run in lost] == [run.run_key for run in again] != []
    assert dagster.tick().run_requests == []


def test_a_video_is_started_in_further_styles_as_if_it_had_been_dropped_there(
    dagster: Dagster,
) -> None:
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    dagster.media.write("videos/fresco/style.toml", b'also = ["brushwork", "cubism"]')
    runs = [run for _ in range(3) for run in dagster.tick().run_requests or ()]
    upload = dagster.media.head("videos/fresco/clip.mp4").etag
    assert {run.partition_key: run.tags[UPLOAD_TAG] for run in runs} == {
        "fresco/clip.mp4": upload,
        "brushwork/clip.mp4": upload,
    }
    assert dagster.partitions() == ["brushwork/clip.mp4", "fresco/clip.mp4"]
    assert list(reports(dagster.media)) == ["rejected/cubism/clip.mp4.json"]
    wanted = dg.AssetRecordsFilter(VIDEOS, asset_partitions=["brushwork/clip.mp4"])
    (record,) = dagster.instance.fetch_materializations(wanted, limit=9).records
    made = record.asset_materialization
    assert made
    place = dagster.media.location("videos/fresco/clip.mp4")
    assert made.metadata["location"].value == place
    dagster.media.write("videos/fresco/clip.mp4", b"another film")
    dagster.media.delete("videos/fresco/style.toml")
    again = [run.partition_key for _ in range(3) for run in dagster.tick().run_requests or ()]
    assert again == ["fresco/clip.mp4"]
    assert reports(dagster.media) == {}


def test_a_slip_in_a_style_toml_makes_nothing_new_of_what_was_forgotten_in_further_styles(
    dagster: Dagster,
) -> None:
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    dagster.media.write("videos/fresco/style.toml", b'also = ["brushwork"]')
    for _ in range(2):
        dagster.tick()
    dagster.instance.delete_dynamic_partition("videos", "brushwork/clip.mp4")
    for settings in (b'also = ["brushwork"', b'also = ["brushwork"]'):
        dagster.media.write("videos/fresco/style.toml", settings)
        for _ in range(3):
            assert not dagster.tick().run_requests
    assert dagster.partitions() == ["fresco/clip.mp4"]


def test_films_of_an_earlier_version_are_moved_to_their_names_once(dagster: Dagster) -> None:
    media = dagster.media
    dagster.instance.add_dynamic_partitions("videos", ["fresco/CAPS.MP4"])
    media.write("styled/fresco/CAPS.MP4.mp4", b"film")
    dagster.tick()
    assert [film.name for film in media.list("styled")] == ["styled/fresco/CAPS.mp4"]
    media.write("styled/fresco/CAPS.MP4.mp4", b"of somebody's")
    media.delete("styled/fresco/CAPS.mp4")
    for _ in range(2):
        dagster.tick()
    assert [film.name for film in media.list("styled")] == ["styled/fresco/CAPS.MP4.mp4"]


def test_what_a_bad_style_toml_stopped_starts_once_when_that_is_mended(dagster: Dagster) -> None:
    stopped, filmed = "fresco/stopped.mp4", "fresco/filmed.mp4"
    dagster.media.write("videos/fresco/style.toml", b"strength = 7")
    for key in (stopped, filmed):
        dagster.media.write(f"videos/{key}", b"film")
    for _ in range(2):
        dagster.tick()
    told = report(f"videos/{stopped}", "no", at=datetime.now(UTC), stopped_by="style.toml")
    for asset in ("audio", "frames"):
        remember(dagster.instance, asset, stopped)
    dagster.media.write(f"rejected/{stopped}.json", told)
    assert not dagster.tick().run_requests
    dagster.media.write("videos/fresco/style.toml", b"strength = 0.7")
    lost = dagster.tick(dies_before_the_cursor=True).run_requests or []
    again = dagster.tick().run_requests or []
    assert [run.run_key for run in lost] == [run.run_key for run in again]
    (run,) = again
    assert run.partition_key == stopped
    assert [key.to_user_string() for key in run.asset_selection or ()] == ["look"]
    assert not dagster.tick().run_requests


def test_a_forgotten_video_is_taken_when_its_file_changes_and_not_before(dagster: Dagster) -> None:
    key = "fresco/clip.mp4"
    dagster.media.write(f"videos/{key}", b"film")
    for _ in range(2):
        dagster.tick()
    dagster.instance.delete_dynamic_partition("videos", key)
    for settings in (b'damaged = "conceal"', b"strength = 0.5"):
        dagster.media.write("videos/fresco/style.toml", settings)
        for _ in range(2):
            assert not dagster.tick().run_requests
    assert len(dagster.current_styles()[key]) == 1, "nothing is noted of it any more"
    assert dagster.partitions() == []
    dagster.media.write(f"videos/{key}", b"another film")
    runs = [run for _ in range(3) for run in dagster.tick().run_requests or ()]
    assert [run.partition_key for run in runs] == [key]
    assert dagster.partitions() == [key]


def test_films_that_cannot_be_moved_hold_nothing_back_and_are_tried_again_an_hour_later(
    dagster: Dagster, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def fails(store: Store, name: str, to: str) -> None:
        tries.append(name)
        raise StoreError("cannot rename: 403 Forbidden")

    monkeypatch.setattr(Store, "rename", fails)
    monkeypatch.setattr("time.time", lambda: 7.5 * 3600)
    dagster.instance.add_dynamic_partitions("videos", ["fresco/CAPS.MP4"])
    dagster.media.write("styled/fresco/CAPS.MP4.mp4", b"film")
    dagster.media.write("videos/fresco/clip.mp4", b"film")
    for _ in range(3):
        dagster.tick()
    assert len(tries) == 1
    assert "fresco/clip.mp4" in dagster.partitions()
    monkeypatch.setattr("time.time", lambda: 8.5 * 3600)
    dagster.tick()
    assert len(tries) == 2


def test_a_video_waits_until_the_fine_body_is_fitted_to_its_style(dagster: Dagster) -> None:
    dagster.train("night", sha256="2" * 64)
    for name, content in (
        ("styles/night.jpg", b"painting"),
        ("videos/night/clip.mp4", b"film"),
        ("videos/night/style.toml", b'quality = "fine"'),
    ):
        dagster.media.write(name, content)
    for _ in range(3):
        assert dagster.tick().run_requests == []
    ((file, reason),) = dagster.told(VIDEOS)
    assert (file, reason.split(":")[0]) == ("videos/night/clip.mp4", "waits")
    dagster.train("night", sha256="3" * 64, quality=FINE)
    asked = [len(dagster.tick().run_requests or ()) for _ in range(3)]
    assert asked == [0, 1, 0]
    assert len(dagster.current_styles()["night/clip.mp4"]) == 1


def test_a_film_whose_style_toml_asks_for_more_goes_on_once_that_is_fitted(
    dagster: Dagster,
) -> None:
    key = "night/clip.mp4"
    dagster.train("night", sha256="2" * 64)
    dagster.media.write("styles/night.jpg", b"painting")
    dagster.media.write(f"videos/{key}", b"film")
    for _ in range(2):
        dagster.tick()
    dagster.media.write("videos/night/style.toml", b'quality = "fine"')
    assert not dagster.tick().run_requests
    for asset in ("audio", "frames"):
        remember(dagster.instance, asset, key)
    told = report(f"videos/{key}", "not fitted", at=datetime.now(UTC), stopped_by="style.toml")
    dagster.media.write(f"rejected/{key}.json", told)
    assert not dagster.tick().run_requests
    dagster.train("night", sha256="3" * 64, quality=FINE)
    (run,) = dagster.tick().run_requests or []
    assert (run.partition_key, run.asset_selection) == (key, [dg.AssetKey("look")])
