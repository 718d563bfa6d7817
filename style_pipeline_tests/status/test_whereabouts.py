from dataclasses import replace
from pathlib import Path

import pytest

from pipeline_kit.storage.store import Store
from style_pipeline.object_names import Video
from style_pipeline.status.video_status import State, Status, Step, VideoStatus
from style_pipeline.status.whereabouts import whereabouts

CAPS = Video("ink/CAPS.MP4")
STEPS = {
    name: Step(Status.DONE, event)
    for event, name in enumerate(("audio", "frames", "look", "styled_video"), 1)
}


@pytest.fixture
def media(tmp_path: Path) -> Store:
    store = Store(url=tmp_path.as_uri())
    store.write(CAPS.source, b"video")
    store.write(CAPS.film("mp4"), b"film")
    return store


def seen(media: Store, *, film: str = CAPS.film("mp4")) -> VideoStatus:
    video = VideoStatus(key=CAPS.key, steps=STEPS, film=media.location(film))
    return whereabouts(media, media.list("videos")).of(video)


def test_a_film_that_is_there_is_done(media: Store) -> None:
    video = seen(media)
    assert (video.state, video.film) == (State.DONE, media.location(CAPS.film("mp4")))


def test_a_film_that_was_moved_to_its_name_is_where_it_is_now(media: Store) -> None:
    video = seen(media, film=CAPS.former_film("mp4"))
    assert (video.state, video.film) == (State.DONE, media.location(CAPS.film("mp4")))


def test_a_film_that_somebody_removed_is_told(media: Store) -> None:
    media.delete(CAPS.film("mp4"))
    video = seen(media)
    assert (video.state, video.film) == (State.REMOVED, "")


def test_a_source_that_is_gone_is_no_failure_and_its_film_is_done(media: Store) -> None:
    media.delete(CAPS.source)
    assert seen(media).state is State.DONE
    failed = {**STEPS, "styled_video": Step(Status.FAILED)}
    assert replace(seen(media), steps=failed).state is State.GONE
    media.delete(CAPS.film("mp4"))
    assert seen(media).state is State.GONE


def test_a_source_that_lies_in_the_folder_of_another_style_is_not_gone(media: Store) -> None:
    media.delete(CAPS.source)
    assert seen(media).is_source_gone
    media.write("videos/mosaic/CAPS.MP4", b"video")
    media.write("videos/mosaic/style.toml", b'also = ["ink"]')
    assert not seen(media).is_source_gone
