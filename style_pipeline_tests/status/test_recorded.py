from collections.abc import Iterator

import dagster as dg
import pytest

from style_pipeline.partitions import chunk_key
from style_pipeline.status.recorded import known_videos, video_statuses
from style_pipeline.status.video_status import State
from style_pipeline_tests.runs import remember, remember_read

FILM, READ = "ink/film.mp4", "ink/read.mp4"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """It remembers a film of two chunks, and a video of which one of two chunks is there."""
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("videos", ["ink/new.mp4"])
        for video, chunks in ((FILM, 2), (READ, 1)):
            remember_read(instance, video)
            for slot in range(chunks):
                remember(instance, "styled_frames", chunk_key(video, slot))
        remember(instance, "styled_video", FILM, {"film": "/styled/ink/film.mp4"})
        yield instance


def test_how_far_videos_are_is_read_from_what_was_materialized(
    instance: dg.DagsterInstance,
) -> None:
    assert known_videos(instance) == [FILM, "ink/new.mp4", READ]
    film, new, read = video_statuses(instance, known_videos(instance))
    assert (film.state, film.film) == (State.DONE, "/styled/ink/film.mp4")
    assert (new.state, new.chunks) == (State.WAITING, ())
    assert (read.state, read.frames, read.chunks_done) == (State.WAITING, 12, (True, False))


def test_what_is_planned_again_is_not_done(instance: dg.DagsterInstance) -> None:
    remember(instance, "chunk_plan", chunk_key(FILM, 1))
    (film,) = video_statuses(instance, [FILM])
    assert (film.state, film.chunks_done) == (State.WAITING, (True, False))
