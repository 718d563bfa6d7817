import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from hypothesis import given
from hypothesis import strategies as st

from pipeline_kit.orchestration.backfill import launch_backfill
from pipeline_kit.storage.store import Store
from style_pipeline.definitions import defs
from style_pipeline.forgetting import (
    WITH_STATUS,
    count_again,
    forget,
    lost_work,
    owner_of,
    under_way,
    untouched_since,
    work_of,
)
from style_pipeline.object_names import Video
from style_pipeline.partitions import chunk_key, partitions_of
from style_pipeline.status.recorded import known_videos, video_statuses
from style_pipeline_tests.runs import add_run, remember, remember_film, remember_read

CLIP, INSIDE = Video("ink/clip.mp4"), Video("ink/clip.mp4/segments/000.mp4")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        remember_film(instance, CLIP.key)
        yield instance


@pytest.fixture
def media(tmp_path: Path) -> Store:
    store = Store(url=(tmp_path / "media").as_uri())
    for name in (
        CLIP.source,
        CLIP.film("mp4"),
        "styled/ink/clip.en.srt",
        "styled/ink/clip.mp4.jpg",
        "images/frames/ink/clip.mp4/000001.png",
        "rejected/ink/clip.mp4.json",
        CLIP.preview,
        "styled/ink/other.mp4",
    ):
        store.write(name, b"something")
    return store


@pytest.fixture
def ops(tmp_path: Path) -> Store:
    store = Store(url=(tmp_path / "ops").as_uri())
    for name in (CLIP.index, CLIP.look, CLIP.film_record, CLIP.audio("m4a"), CLIP.segment(0)):
        store.write(name, b"something")
    return store


def names(store: Store) -> set[str]:
    return {found.name for found in store.list()}


def test_a_video_is_forgotten_with_its_partition_runs_and_work_files_and_its_film_stays(
    instance: dg.DagsterInstance, media: Store, ops: Store
) -> None:
    run = add_run(instance, "styled_frames", chunk_key(CLIP.key, 0), DagsterRunStatus.SUCCESS)
    done = forget(instance, media, ops, CLIP, film=False)
    assert (done.work_files, done.delivered, done.runs) == (5, 0, 1)
    assert known_videos(instance) == []
    assert instance.get_run_by_id(run.run_id) is None
    assert names(ops) == set()
    assert {CLIP.source, CLIP.film("mp4"), "styled/ink/clip.en.srt"} <= names(media)
    assert "rejected/ink/clip.mp4.json" not in names(media)


def test_what_was_delivered_goes_too_where_it_is_asked_for(
    instance: dg.DagsterInstance, media: Store, ops: Store
) -> None:
    assert forget(instance, media, ops, CLIP, film=True).delivered == 5
    assert names(media) == {CLIP.source, "styled/ink/other.mp4"}


def test_a_video_that_comes_again_has_nothing_of_the_runs_that_were_forgotten(
    instance: dg.DagsterInstance, media: Store, ops: Store
) -> None:
    key = "ink/again.mp4"
    instance.add_dynamic_partitions("videos", [key])
    assert dg.materialize([frames], partition_key=key, instance=instance).success
    (video,) = video_statuses(instance, [key])
    seen = video.steps["frames"].event
    assert seen
    forget(instance, media, ops, Video(key), film=False)
    count_again(instance)
    instance.add_dynamic_partitions("videos", [key])
    (video,) = video_statuses(instance, [key])
    assert (video.steps["frames"].status, video.steps["frames"].event) == ("missing", 0)
    # The automation asks for what is later than what it saw.
    remember(instance, "frames", key)
    (video,) = video_statuses(instance, [key])
    assert video.steps["frames"].event > seen


@dg.asset(partitions_def=dg.DynamicPartitionsDefinition(name="videos"))
def frames() -> None: ...


def test_work_of_a_video_in_a_folder_of_the_same_name_is_not_its_own(ops: Store) -> None:
    lists = {
        CLIP: [f"work/{CLIP.key}/segments/001.mp4"],
        INSIDE: [INSIDE.index, INSIDE.segment(0)],
    }
    ops.delete("work")
    for written in lists.values():
        for name in written:
            ops.write(name, b"something")
    for video, written in lists.items():
        assert [found.name for found in work_of(ops, video)] == written


@given(st.text("ab/.", min_size=1, max_size=12).filter(lambda key: "//" not in f"/{key}/"))
def test_each_work_file_is_known_by_its_name_alone(key: str) -> None:
    video = Video(f"ink/{key}.mp4")
    for name in (
        *(video.index, video.look, video.film_record, video.audio("m4a")),
        *(video.segment(7), video.segment(999)),
    ):
        assert owner_of(name) == video.key


@pytest.mark.parametrize(
    "name", ["work/ink/clip.mp4/notes.txt", "models/ink/current", "work/frames.parquet", "work"]
)
def test_what_is_no_work_file_is_nobody_s(name: str) -> None:
    assert owner_of(name) is None


@pytest.mark.parametrize("status", [DagsterRunStatus.QUEUED, DagsterRunStatus.STARTED])
def test_a_video_is_under_way_while_a_run_of_one_of_its_chunks_is(
    instance: dg.DagsterInstance, status: DagsterRunStatus
) -> None:
    assert under_way(instance, CLIP.key) == ""
    add_run(instance, "styled_frames", chunk_key(CLIP.key, 0), status)
    add_run(instance, "frames", CLIP.key, status)
    assert under_way(instance, CLIP.key) == "2 runs"
    assert under_way(instance, "ink/other.mp4") == ""


def test_a_video_is_under_way_while_a_backfill_is_to_make_something_of_it(
    instance: dg.DagsterInstance,
) -> None:
    wanted = partitions_of(CLIP.key, {"styled_frames": [0]})
    backfill = launch_backfill(instance, wanted, title="retry")
    assert under_way(instance, CLIP.key) == f"backfill {backfill}"
    assert under_way(instance, "ink/other.mp4") == ""


def test_videos_are_old_of_which_nothing_was_made_since(instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("videos", ["ink/new.mp4", "ink/never.mp4"])
    time.sleep(0.01)
    then = time.time()
    time.sleep(0.01)
    remember(instance, "videos", "ink/new.mp4")
    keys = known_videos(instance)
    assert untouched_since(instance, keys, time=then) == [CLIP.key]
    assert untouched_since(instance, keys, time=then - 3600) == []
    assert untouched_since(instance, keys, time=time.time() + 1) == [CLIP.key, "ink/new.mp4"]
    remember(instance, "look", CLIP.key)
    assert untouched_since(instance, keys, time=then) == []


def test_what_was_made_and_is_gone_from_the_store_is_found(ops: Store) -> None:
    assert lost_work(ops, CLIP, done=[0]) == {}
    assert lost_work(ops, CLIP, done=[0, 1]) == {"styled_frames": [1]}
    ops.delete("work")
    assert lost_work(ops, CLIP, done=[0]) == {
        "frames": [],
        "look": [],
        "styled_frames": [0],
        "audio": [],
    }


def test_all_assets_of_a_video_are_counted_again() -> None:
    assert {"videos", "styled_frames", "chunk_plan", "current_style"} <= set(WITH_STATUS)


def test_automation_goes_on_without_what_was_forgotten_and_with_what_comes_again(
    instance: dg.DagsterInstance, media: Store, ops: Store
) -> None:
    def requested(cursor: Any) -> tuple[AbstractSet[str | None], Any]:
        everything = dg.AssetSelection.all()
        tick = dg.evaluate_automation_conditions(
            defs, instance, asset_selection=everything, cursor=cursor
        )
        return tick.get_requested_partitions(dg.AssetKey("styled_frames")), tick.cursor

    _, cursor = requested(None)
    remember(instance, "chunk_plan", chunk_key(CLIP.key, 0))
    forget(instance, media, ops, CLIP, film=True)
    count_again(instance)
    assert requested(cursor)[0] == set()
    remember_read(instance, CLIP.key, chunks=1)
    assert requested(cursor)[0] == {str(chunk_key(CLIP.key, 0))}
