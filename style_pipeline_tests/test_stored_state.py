"""An instance and stores that version 0.1 wrote before the kit (1c49ab0) go on being used.

`version_0_1/state.tar.xz` is what its `dagster dev` left, with its own dagster.yaml, after a clip
was dropped into `videos/ink/` and became a film of two chunks.
"""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.execution.processes import ProcessRunLauncher
from pipeline_kit.execution.queue import FairRunCoordinator
from pipeline_kit.storage.folder import Folder
from pipeline_kit.storage.objects import StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.assets.styled_video import styled_video
from style_pipeline.media.indexing import index_frames
from style_pipeline.object_names import Video
from style_pipeline.resources.trainer import Trainer
from style_pipeline.sensors.new_videos import new_videos
from style_pipeline.status.recorded import known_videos, video_statuses
from style_pipeline.status.video_status import State

CLIP = Video("ink/clip.mp4")
ARCHIVE = Path(__file__).parent / "version_0_1/state.tar.xz"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    etags = json.loads((tmp_path / "etags.json").read_text())
    head = Folder._object

    def as_it_was(folder: Folder, path: Path, status: object) -> StoredObject:
        """An unpacked file has another inode, and with it another version, than the packed one."""
        found = head(folder, path, status)  # type: ignore[arg-type]
        return replace(found, etag=etags.get(found.name, found.etag))

    monkeypatch.setattr(Folder, "_object", as_it_was)
    return tmp_path


@pytest.fixture
def instance(state: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(state / "home")) as instance:
        yield instance


def stores(state: Path) -> dict[str, Store]:
    return {name: Store(url=(state / name).as_uri()) for name in ("media", "ops")}


def test_its_dagster_yaml_finds_queue_and_launcher_at_their_old_places(
    instance: dg.DagsterInstance,
) -> None:
    queue = instance.run_coordinator
    assert isinstance(queue, FairRunCoordinator)
    assert queue.turns == {"dagster/partition/video_chunk": 300}
    assert isinstance(instance.run_launcher, ProcessRunLauncher)


def test_its_films_are_known_and_done(instance: dg.DagsterInstance) -> None:
    assert known_videos(instance) == [CLIP.key]
    (status,) = video_statuses(instance, [CLIP.key])
    assert status.state is State.DONE
    assert status.chunks_done == (True, True)
    assert status.film.endswith("media/styled/ink/clip.mp4")


def test_its_cursor_keeps_a_video_from_being_started_again(
    instance: dg.DagsterInstance, state: Path
) -> None:
    kept = {state.name: state.instigator_data for state in instance.all_instigator_state()}
    cursor = getattr(kept["new_videos"], "cursor", None)
    assert cursor
    for _ in range(2):  # a file is taken once two polls in a row show it
        with dg.build_sensor_context(
            instance, cursor=cursor, resources={**stores(state), "trainer": Trainer()}
        ) as context:
            result = new_videos(context)
        assert isinstance(result, dg.SensorResult)
        assert not result.run_requests
        cursor = result.cursor


def test_its_index_look_sound_and_segments_become_a_film_again(
    instance: dg.DagsterInstance, state: Path
) -> None:
    film = state / "media/styled/ink/clip.mp4"
    before = list(index_frames(film).checksums)
    film.unlink()
    result = dg.materialize(
        [styled_video], partition_key=CLIP.key, instance=instance, resources=stores(state)
    )
    assert result.success
    assert list(index_frames(film).checksums) == before
