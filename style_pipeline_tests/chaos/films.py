"""Films under way, and whether all that there is of them is what an undisturbed run makes."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_kit.storage.objects import StoredObject, StoreError
from pipeline_kit.storage.store import Store
from style_pipeline.object_names import Video
from style_pipeline.status.recorded import known_videos, video_statuses
from style_pipeline.status.video_status import State, VideoStatus
from style_pipeline_tests.chaos.premises import Premises

MODEL = Video("brushwork/model.mp4")
IDLE = 60.0
"""Seconds after which a film of which nothing is under way does not go on by itself."""


@dataclass
class Films:
    """Films of one clip, each to be like the first, `MODEL`."""

    premises: Premises
    clip: Path
    dropped: list[Video] = field(default_factory=list)
    under_way: dict[Video, float] = field(default_factory=dict)
    """When each was last seen to be worked on."""
    backfilled: list[Video] = field(default_factory=list)
    model: dict[str, bytes] = field(default_factory=dict)
    """What is known of the model, by the names of its objects."""
    checked: set[tuple[str, str]] = field(default_factory=set)
    """Names and ETags of what was found so far."""

    def __post_init__(self) -> None:
        self.stores: tuple[Store, Store] = (
            self.premises.media.store(),
            self.premises.ops.store(),
        )

    def drop(self, video: Video) -> None:
        self.stores[0].upload(self.clip, video.source)
        self.dropped.append(video)
        self.under_way[video] = time.monotonic()

    def keep_as_model(self) -> None:
        """Take what is there for right."""
        self.model = {found.name: store.read(found.name) for store, found in self._objects()}

    def follow(self) -> None:
        """See how far each is, and have one that has come to rest completed by a backfill, once."""
        for video in list(self.under_way):
            status = self._status(video)
            if status and status.state is State.DONE:
                del self.under_way[video]
            elif status is None or status.is_busy:
                self.under_way[video] = time.monotonic()
            elif time.monotonic() - self.under_way[video] > IDLE:
                assert video not in self.backfilled, f"one backfill was not enough: {status}"
                self._retry(video)

    def check(self) -> None:
        """Whatever is found at any time is whole, as it is like the model's, bit for bit."""
        try:
            for store, found in self._objects():
                model = self._of_model(found.name)
                if model and (found.name, found.etag) not in self.checked:
                    _check_alike(found.name, store.read(found.name), model)
                    self.checked.add((found.name, found.etag))
        except StoreError:  # which is starting again
            pass

    def check_that_all_and_nothing_else_is_there(self) -> None:
        self.check()
        names = {
            name.replace(MODEL.key, video.key) for video in self.dropped for name in self.model
        }
        assert {name for name, _ in self.checked} >= names
        assert {found.name for _, found in self._objects()} == names

    def _objects(self) -> list[tuple[Store, StoredObject]]:
        return [(store, found) for store in self.stores for found in store.list()]

    def _of_model(self, name: str) -> bytes | None:
        (video,) = [video for video in self.dropped if video.key in name]
        return self.model.get(name.replace(video.key, MODEL.key))

    def _status(self, video: Video) -> VideoStatus | None:
        if video.key not in known_videos(self.premises.instance):
            return None
        (status,) = video_statuses(self.premises.instance, [video.key])
        return status

    def _retry(self, video: Video) -> None:
        """What a person does."""
        subprocess.run(
            [sys.executable, "-m", "style_pipeline.cli", "retry", video.key],
            env=self.premises.environment,
            check=True,
        )
        self.backfilled.append(video)
        self.under_way[video] = time.monotonic()


def _check_alike(name: str, found: bytes, model: bytes) -> None:
    if name.endswith(".parquet"):
        assert _without_upload(found).equals(_without_upload(model), check_metadata=True), name
    else:
        assert found == model, name


def _without_upload(index: bytes) -> pa.Table:
    """A frame index without the ETag of its source."""
    rows = pq.read_table(BytesIO(index))
    header = {key: value for key, value in rows.schema.metadata.items() if key != b"upload"}
    return rows.replace_schema_metadata(header)
