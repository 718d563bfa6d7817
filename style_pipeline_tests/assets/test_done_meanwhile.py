"""Chunks and films that another run made meanwhile, and looks that were decided meanwhile."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from style_pipeline.assets import styled_frames as asset
from style_pipeline.assets import styled_video as film_asset
from style_pipeline.media.muxing import mux_film
from style_pipeline.media.segment import write_segment
from style_pipeline.partitions import chunk_key
from style_pipeline.resources.ffmpeg import FFmpeg
from style_pipeline.resources.stylizer import Stylizer
from style_pipeline_tests.assets.journey import CHUNKS, CLIP, Journey, checks, said, values
from style_pipeline_tests.runs import remember

RETRIES = {
    "of Dagster": {"dagster/parent_run_id": "lost", "dagster/root_run_id": "lost"},
    "of retry_lost_runs": {"dagster/max_retries": "2"},
    "of the automation": {"dagster/from_automation_condition": "true"},
}


@pytest.fixture
def stylized(journey: Journey) -> Journey:
    journey.make_ready()
    journey.make("styled_frames", slot=0)
    return journey


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Networks that are loaded, without which nothing is stylized."""
    loaded: list[object] = []
    load = Stylizer.load

    def counted(self: Stylizer, *arguments: Any, **options: Any) -> Any:
        loaded.append(options)
        return load(self, *arguments, **options)

    monkeypatch.setattr(Stylizer, "load", counted)
    return loaded


def latest(journey: Journey, asset: str = "styled_frames") -> dg.AssetMaterialization:
    partition = chunk_key(CLIP.key, 0) if asset == "styled_frames" else CLIP.key
    wanted = dg.AssetRecordsFilter(dg.AssetKey(asset), asset_partitions=[partition])
    (record,) = journey.instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization
    return record.asset_materialization


def version(made: dg.AssetMaterialization) -> str:
    return (made.tags or {})["dagster/data_version"]


@pytest.mark.parametrize("tags", RETRIES.values(), ids=RETRIES)
def test_a_retry_of_a_chunk_that_is_stylized_ends_and_nothing_follows_from_it(
    stylized: Journey, loads: list[object], tags: dict[str, str]
) -> None:
    before = stylized.contents()
    result = stylized.run("styled_frames", slot=0, tags=tags)
    assert result.success
    assert not result.get_asset_materialization_events()
    assert "chunk 0 was stylized meanwhile by another run" in said(stylized, result)
    assert (loads, stylized.contents()) == ([], before)


def test_of_a_chunk_that_was_published_and_not_recorded_a_retry_records_the_same(
    journey: Journey, loads: list[object]
) -> None:
    journey.make_ready()
    journey.make("styled_frames", slot=0)
    made = latest(journey)
    loads.clear()
    # As if it had been planned again, which a run knows nothing of that is cut off.
    remember(journey.instance, "chunk_plan", chunk_key(CLIP.key, 0))
    result = journey.run("styled_frames", slot=0, tags=RETRIES["of Dagster"])
    assert result.success
    assert loads == []
    again = latest(journey)
    assert version(again) == version(made)
    told = values(again)
    assert told == {name: values(made)[name] for name in told}
    assert {"frames", "first_frame", "style", "bytes", "location"} <= told.keys()


def damage(journey: Journey) -> None:
    segment = journey.root / "ops" / CLIP.segment(0)
    segment.write_bytes(segment.read_bytes()[:100])


def change_the_look(journey: Journey) -> None:
    journey.make("look", strength=0.5)


@pytest.mark.parametrize("harm", [damage, change_the_look])
def test_a_retry_stylizes_what_is_not_whole_or_of_another_look(
    stylized: Journey, loads: list[object], harm: Any
) -> None:
    harm(stylized)
    result = stylized.run("styled_frames", slot=0, tags=RETRIES["of Dagster"])
    assert result.get_asset_materialization_events()
    assert len(loads) == 1


def test_a_person_s_own_materialization_stylizes_again(
    stylized: Journey, loads: list[object]
) -> None:
    stylized.make("styled_frames", slot=0)
    assert len(loads) == 1


def test_a_chunk_whose_look_is_decided_again_meanwhile_is_not_published(
    stylized: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = write_segment

    def decided_meanwhile(*arguments: Any, **options: Any) -> None:
        write(*arguments, **options)
        stylized.make("look", strength=0.5)

    monkeypatch.setattr(asset, "write_segment", decided_meanwhile)
    before = stylized.ops.read(CLIP.segment(0))
    result = stylized.run("styled_frames", slot=0)
    assert result.success
    assert not result.get_asset_materialization_events()
    assert stylized.ops.read(CLIP.segment(0)) == before


@pytest.fixture
def muxed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Films that are put together."""
    made: list[object] = []

    def counted(film: Path, **options: Any) -> None:
        made.append(film)
        mux_film(film, **options)

    monkeypatch.setattr(film_asset, "mux_film", counted)
    return made


def test_a_retry_of_a_film_that_is_delivered_ends_and_leaves_it_as_it_is(
    finished: Journey, muxed: list[object]
) -> None:
    before = finished.contents()
    result = finished.run("styled_video", tags=RETRIES["of Dagster"])
    assert result.success
    assert not result.asset_materializations_for_node("styled_video")
    assert set(checks(result).values()) == {True}
    assert "another run delivered this film meanwhile" in said(finished, result)
    assert (muxed, finished.contents()) == ([], before)


def test_of_a_film_that_was_delivered_and_not_recorded_a_retry_records_the_same(
    finished: Journey, muxed: list[object]
) -> None:
    made = latest(finished, "styled_video")
    remember(finished.instance, "styled_video", CLIP.key)
    assert finished.run("styled_video", tags=RETRIES["of Dagster"]).success
    again = latest(finished, "styled_video")
    assert muxed == []
    assert version(again) == version(made)
    told = values(again)
    assert told == {name: values(made)[name] for name in told}
    assert {"film", "frames", "style", "bytes"} <= told.keys()


def lose_the_film(journey: Journey) -> None:
    journey.media.delete(CLIP.film("mp4"))


def replace_the_film(journey: Journey) -> None:
    journey.media.write(CLIP.film("mp4"), b"something else")


def stylize_a_chunk_otherwise(journey: Journey) -> None:
    crisp = replace(journey, encoder=FFmpeg(preset="ultrafast", crf=30))
    for slot in range(CHUNKS):
        crisp.make("styled_frames", slot=slot)


@pytest.mark.parametrize("harm", [lose_the_film, replace_the_film, stylize_a_chunk_otherwise])
def test_a_retry_makes_a_film_that_is_not_there_or_of_other_inputs(
    finished: Journey, muxed: list[object], harm: Any
) -> None:
    harm(finished)
    result = finished.run("styled_video", tags=RETRIES["of Dagster"])
    assert result.success
    assert result.asset_materializations_for_node("styled_video")
    assert len(muxed) == 1


def test_a_person_s_own_materialization_makes_the_film_again(
    finished: Journey, muxed: list[object]
) -> None:
    finished.make("styled_video")
    assert len(muxed) == 1
