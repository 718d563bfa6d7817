"""From the drop to the film with nobody touching anything, through the real daemon."""

import json
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.waiting import wait_for
from style_pipeline.media.indexing import index_frames
from style_pipeline_tests.assets.journey import publish_small_network
from style_pipeline_tests.clips import make_clip
from style_pipeline_tests.dagster_dev import DagsterDev, Run
from style_pipeline_tests.following import (
    a_chunk,
    attempts,
    drop,
    film_of,
    outcomes,
    runs_of,
    wait_for_the_end,
)


@pytest.mark.slow
def test_a_dropped_video_becomes_a_film_and_an_unneeded_slot_starts_no_run(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    clip = make_clip(tmp_path / "drop.mp4", frames=8)
    drop(local_dev, clip)
    runs = wait_for_the_end(local_dev, "drop.mp4", films=1)
    assert outcomes(runs) == {
        ("audio", "SUCCESS"): 1,
        ("styled_frames", "SUCCESS"): 2,
        ("styled_video", "SUCCESS"): 1,
    }
    film, source = index_frames(film_of(local_dev, "drop.mp4")), index_frames(clip)
    assert film.pts.tolist() == source.pts.tolist()


@pytest.mark.nightly
def test_a_new_upload_of_the_same_name_becomes_a_new_film(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    drop(local_dev, make_clip(tmp_path / "again.mp4", frames=3))
    wait_for_the_end(local_dev, "again.mp4", films=1)
    drop(local_dev, make_clip(tmp_path / "again.mp4", frames=6))
    runs = wait_for_the_end(local_dev, "again.mp4", films=2)
    assert outcomes(runs) == {
        ("audio", "SUCCESS"): 2,
        ("styled_frames", "SUCCESS"): 2,
        ("styled_video", "SUCCESS"): 2,
    }
    assert len(index_frames(film_of(local_dev, "again.mp4"))) == 6


@pytest.mark.slow
def test_a_chunk_whose_process_is_killed_is_painted_again_and_no_other(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    # So large that its chunks take seconds.
    drop(local_dev, make_clip(tmp_path / "killed.mp4", frames=24, size="1280x720"))
    lost = a_chunk(local_dev, "killed.mp4", status="STARTED")
    local_dev.kill(lost)
    runs = wait_for_the_end(local_dev, "killed.mp4", films=1)
    assert attempts(runs) == {"000": 1, "001": 1, "002": 1} | {lost.partition[-3:]: 2}
    assert outcomes(runs)["styled_frames", "FAILURE"] == 1


def lose_a_chunk(dev: DagsterDev, clip: Path) -> Run:
    """Drop a clip of two chunks, one of which is canceled before it is painted."""
    drop(dev, clip)
    lost = a_chunk(dev, clip.name, status="QUEUED")
    dev.cancel(lost)

    def other_ended() -> bool:
        ended = outcomes(runs_of(dev, clip.name))
        return (ended["styled_frames", "CANCELED"], ended["styled_frames", "SUCCESS"]) == (1, 1)

    wait_for("the other chunk", other_ended)
    return lost


@pytest.mark.nightly
def test_a_backfill_of_the_chunk_that_is_missing_finishes_the_film(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    clips = [make_clip(tmp_path / name, frames=8) for name in ("backfilled.mp4", "retried.mp4")]
    lost = [lose_a_chunk(local_dev, clip) for clip in clips]
    local_dev.backfill("styled_frames", lost[0].partition)
    retried, slot = lost[1].partition.split("|")
    assert local_dev.command("retry", retried).endswith(f" makes styled_frames {slot}\n")
    for clip, chunk in zip(clips, lost, strict=True):
        runs = wait_for_the_end(local_dev, clip.name, films=1)
        assert attempts(runs) == {"000": 1, "001": 1} | {chunk.partition[-3:]: 2}
        assert len(index_frames(film_of(local_dev, clip.name))) == 8


@pytest.mark.slow
def test_one_partition_is_materialized_from_the_ui_with_the_same_result(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    drop(local_dev, make_clip(tmp_path / "click.mp4", frames=3))
    wait_for_the_end(local_dev, "click.mp4", films=1)
    before = film_of(local_dev, "click.mp4").read_bytes()
    local_dev.materialize("styled_video", "brushwork/click.mp4")
    wait_for_the_end(local_dev, "click.mp4", films=2)
    assert film_of(local_dev, "click.mp4").read_bytes() == before


@pytest.mark.nightly
def test_a_video_waits_for_its_style_and_its_film_is_stale_once_that_is_trained_again(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    video, ops = "night/early.mp4", Store(url=(local_dev.folder / "ops").as_uri())
    painting = local_dev.folder / "media/styles/night.jpg"
    painting.parent.mkdir(parents=True, exist_ok=True)
    painting.write_bytes(b"a painting whose training fails at once")
    drop(local_dev, make_clip(tmp_path / "early.mp4", frames=3), style="night")
    wait_for(
        "the video to wait",
        lambda: [
            told
            for told in local_dev.observations("videos")
            if told.startswith(f"videos/{video} waits: style 'night' has a painting and no ")
        ],
    )
    assert not runs_of(local_dev, "early.mp4", style="night")

    publish_small_network(ops, "night", seed=1)
    runs = wait_for_the_end(local_dev, "early.mp4", films=1, style="night")
    assert not local_dev.is_stale("styled_video", video)

    publish_small_network(ops, "night", seed=2)
    wait_for("the film to be stale", lambda: local_dev.is_stale("styled_video", video))
    assert local_dev.is_stale("look", video)
    looked = local_dev.ticks("automation")[0]
    wait_for("two more looks", lambda: local_dev.ticks("automation")[1] > looked)
    assert runs_of(local_dev, "early.mp4", style="night") == runs


@pytest.mark.nightly
def test_a_film_is_painted_again_when_its_look_is_materialized_again(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    drop(local_dev, make_clip(tmp_path / "looks.mp4", frames=8))
    wait_for_the_end(local_dev, "looks.mp4", films=1)
    settings = local_dev.folder / "media/videos/brushwork/style.toml"
    settings.write_text("strength = 0.5")
    before = film_of(local_dev, "looks.mp4").read_bytes()
    local_dev.materialize("look", "brushwork/looks.mp4")
    runs = wait_for_the_end(local_dev, "looks.mp4", films=2)
    settings.unlink()
    assert outcomes(runs) == {
        ("audio", "SUCCESS"): 1,
        ("look", "SUCCESS"): 1,
        ("styled_frames", "SUCCESS"): 4,
        ("styled_video", "SUCCESS"): 2,
    }
    assert film_of(local_dev, "looks.mp4").read_bytes() != before


@pytest.mark.nightly
def test_a_video_that_is_stylized_is_canceled_and_then_forgotten_and_not_taken_again(
    local_dev: DagsterDev, tmp_path: Path
) -> None:
    # So large that its chunks take seconds.
    drop(local_dev, make_clip(tmp_path / "canceled.mp4", frames=24, size="1280x720"))
    a_chunk(local_dev, "canceled.mp4", status="STARTED")
    key = "brushwork/canceled.mp4"
    assert local_dev.command("cancel", key).endswith(" canceled\n")
    (told,) = json.loads(local_dev.command("status", key, "--json"))
    assert (told["state"], told["chunks"]) == ("canceled", 3)
    assert not film_of(local_dev, "canceled.mp4").exists()
    assert local_dev.command("forget", key).startswith(f"{key}: forgotten, with ")
    assert not [*(local_dev.folder / "ops/work" / key).rglob("*.*")]
    before = max(local_dev.ticks("new_videos"))
    wait_for("two polls", lambda: sum(tick > before for tick in local_dev.ticks("new_videos")) > 1)
    assert not runs_of(local_dev, "canceled.mp4")
    assert key not in local_dev.command("clean")
