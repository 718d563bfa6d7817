"""Videos that are decoded again, as their `style.toml` says that they are to be read otherwise."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

import dagster as dg

from pipeline_kit.orchestration.inbox import run_key
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject
from pipeline_kit.storage.store import Store
from style_pipeline.intake.videos import video_key
from style_pipeline.look import BadSettings, Settings
from style_pipeline.partitions import UPLOAD_TAG
from style_pipeline.work_files import read_settings

ARRIVAL, LOOK = dg.AssetKey("videos"), dg.AssetKey("look")
DECODED = (dg.AssetKey("audio"), dg.AssetKey("frames"))


def reading_in(media: Store, file: StoredObject) -> str | None:
    """What a `style.toml` says of how videos are decoded; None where it cannot be read."""
    settings = _settings_in(media, file)
    return None if settings is None else str(settings.reading)


def also_in(media: Store, file: StoredObject) -> tuple[str, ...]:
    """In which further styles a `style.toml` has films made; none where it cannot be read."""
    settings = _settings_in(media, file)
    return (settings.also or ()) if settings else ()


@lru_cache(maxsize=1000)
def _settings_in(media: Store, file: StoredObject) -> Settings | None:
    # Each version is read once: the sensor polls every few seconds.
    try:
        return read_settings(media, file)
    except (BadSettings, ObjectNotFound):
        return None


def decoding_again(
    instance: dg.DagsterInstance, videos: Iterable[StoredObject], *, cursor: str
) -> Iterator[dg.RunRequest]:
    """A run for each; with a look for a video that has had none since it was uploaded.

    A run's key follows from the cursor: a tick that is repeated asks for the same runs, and a
    later one, where a setting is as it was some time ago, for others.
    """
    files = {video_key(video.name): video for video in videos}
    if not files:
        return
    arrived, decided = (
        instance.get_latest_storage_id_by_partition(
            asset, dg.DagsterEventType.ASSET_MATERIALIZATION, set(files)
        )
        for asset in (ARRIVAL, LOOK)
    )
    tick = blake2b(cursor.encode(), digest_size=8).hexdigest()
    for key, file in files.items():
        has_look = decided.get(key, -1) > arrived.get(key, 0)
        yield dg.RunRequest(
            run_key=f"{run_key(key, file)} {tick}",
            partition_key=key,
            tags={UPLOAD_TAG: file.etag},
            asset_selection=[*DECODED, *([] if has_look else [LOOK])],
        )
