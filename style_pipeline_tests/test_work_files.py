from dataclasses import replace
from pathlib import Path

import pytest

from pipeline_kit.storage.objects import ObjectNotFound, Superseded
from pipeline_kit.storage.store import Store
from style_pipeline.look.look import Look
from style_pipeline.object_names import Video
from style_pipeline.work_files import (
    LookChanged,
    UnreadableWork,
    check_look,
    fetch_index,
    fetch_look,
    fetch_source,
    how_to_read,
    nearest_settings,
    source_of,
)

VIDEO = Video("ink/trip/clip.mp4")
LOOK = Look(
    style="ink", model_hash="1" * 64, strength=1.0, preserve_colours=False, current_style="v1"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(url=(tmp_path / "store").as_uri())


def test_what_is_not_there_says_how_to_make_it(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound, match="materialize look of this video first"):
        fetch_look(store, VIDEO)
    with pytest.raises(ObjectNotFound, match="materialize frames of this video first"):
        fetch_index(store, VIDEO, tmp_path)
    with pytest.raises(ObjectNotFound, match="drop the file there"):
        fetch_source(store, store, VIDEO, tmp_path)


def test_what_another_version_wrote_is_to_be_made_again(store: Store, tmp_path: Path) -> None:
    store.write(VIDEO.look, b"{}")
    store.write(VIDEO.index, b"{}")
    with pytest.raises(UnreadableWork, match="materialize look of this video again"):
        fetch_look(store, VIDEO)
    with pytest.raises(UnreadableWork, match="materialize frames of this video again"):
        fetch_index(store, VIDEO, tmp_path)


def test_an_upload_that_was_replaced_is_not_fetched(store: Store, tmp_path: Path) -> None:
    upload = store.write(VIDEO.source, b"one").etag
    path, found = fetch_source(store, store, VIDEO, tmp_path, upload=upload)
    assert (path.read_bytes(), found.etag) == (b"one", upload)
    store.write(VIDEO.source, b"another")
    (tmp_path / "again").mkdir()
    with pytest.raises(Superseded):
        fetch_source(store, store, VIDEO, tmp_path / "again", upload=upload)


def test_a_look_that_was_decided_again_is_noticed(store: Store) -> None:
    store.write(VIDEO.look, LOOK.to_json())
    check_look(store, VIDEO, LOOK)
    store.write(VIDEO.look, replace(LOOK, strength=0.5).to_json())
    with pytest.raises(LookChanged, match=r"ink/trip/clip\.mp4 was decided again"):
        check_look(store, VIDEO, LOOK)


def test_the_nearest_settings_count(store: Store) -> None:
    assert nearest_settings(store, VIDEO) is None
    assert not how_to_read(store, VIDEO).conceal
    store.write("videos/ink/style.toml", b'damaged = "conceal"')
    assert how_to_read(store, VIDEO).conceal
    store.write("videos/ink/trip/style.toml", b"strength = 0.5")
    found = nearest_settings(store, VIDEO)
    assert found is not None
    assert found.name == "videos/ink/trip/style.toml"
    assert not how_to_read(store, VIDEO).conceal


def test_a_video_may_lie_in_the_folder_of_another_style(store: Store) -> None:
    there = Video("udnie/trip/clip.mp4")
    store.write(there.source, b"film")
    for settings, found in (
        (b"", VIDEO.source),
        (b'also = ["great-wave"]', VIDEO.source),
        (b'also = ["great-wave", "ink"]', there.source),
    ):
        store.write("videos/udnie/style.toml", settings)
        assert source_of(store, store, VIDEO) == found
    store.write(VIDEO.source, b"one of its own")
    assert source_of(store, store, VIDEO) == VIDEO.source
