from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster_graphql.schema import create_schema
from graphql import parse, validate

from benchmarks import finished_films as films
from benchmarks.orchestration import QUERIES, drop_videos, settings_of, time_forgetting
from pipeline_kit.orchestration import ledger
from pipeline_kit.storage.store import Store
from style_pipeline.definitions import defs
from style_pipeline.intake.videos import new_videos
from style_pipeline.partitions import MAX_CHUNKS, chunk_key
from style_pipeline.styles import shipped_styles


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """With storage as that of `make dev`, in which two videos are films."""
    settings_of(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        films.make_films(instance, videos=2, chunks=MAX_CHUNKS)
        yield instance


def test_films_that_were_made_up_are_films_to_dagster(instance: dg.DagsterInstance) -> None:
    for asset, count in (("frames", 2), ("styled_frames", 2 * MAX_CHUNKS), ("styled_video", 2)):
        assert len(instance.get_materialized_partitions(dg.AssetKey(asset))) == count
    assert instance.get_runs_count() == 2 * (2 + MAX_CHUNKS + 1)
    ended = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])
    assert instance.get_runs_count(ended) == instance.get_runs_count()


def test_nothing_is_left_to_do_for_them_and_a_chunk_made_again_is_followed_by_its_film(
    instance: dg.DagsterInstance,
) -> None:
    everything = dg.AssetSelection.all()
    tick = dg.evaluate_automation_conditions(defs, instance, asset_selection=everything)
    assert tick.total_requested == 0
    films.run(instance, ["styled_frames"], chunk_key(films.video_key(1), 0))
    tick = dg.evaluate_automation_conditions(
        defs, instance, asset_selection=everything, cursor=tick.cursor
    )
    assert tick.get_requested_partitions(dg.AssetKey("styled_video")) == {films.video_key(1)}
    assert tick.total_requested == 1


def test_videos_that_are_dropped_for_it_are_taken_for_started(tmp_path: Path) -> None:
    cursor = drop_videos(tmp_path, videos=3)
    media = Store(url=(tmp_path / "media").as_uri())
    trained = dict.fromkeys(shipped_styles(), "hash")
    found = new_videos(media.list("videos"), ledger.load(cursor), trained=trained)
    assert (len(media.list("videos")), found.start, found.rejected) == (3, (), ())


def test_no_run_ever_leaves_the_queue(tmp_path: Path) -> None:
    settings_of(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.max_concurrent_runs == 0


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_asks_for_what_the_server_has(name: str) -> None:
    assert validate(create_schema().graphql_schema, parse(QUERIES[name])) == []


def test_films_are_forgotten_with_all_their_runs(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    runs = instance.get_runs_count()
    seconds = time_forgetting(instance, tmp_path, videos=2, forgotten=1)
    assert [*seconds] == ["forget, which of 2 videos are old", "forget, 1 of them"]
    assert instance.get_dynamic_partitions("videos") == [films.video_key(1)]
    assert instance.get_runs_count() == runs / 2
