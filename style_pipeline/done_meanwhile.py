"""Chunks and films that another run made meanwhile, as after a network partition."""

import json
from hashlib import blake2b
from pathlib import Path

import dagster as dg

from pipeline_kit.orchestration.dagster_private import (
    AUTOMATION_CONDITION_TAG,
    MAX_RETRIES_TAG,
    PARENT_RUN_ID_TAG,
)
from pipeline_kit.orchestration.data_versions import DATA_VERSION
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, Superseded
from pipeline_kit.storage.store import Store
from style_pipeline.chunk_records import planned_slots, recorded_slots
from style_pipeline.film_names import recorded_film
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.segment import BrokenSegment, Origin, verify_segment
from style_pipeline.object_names import Video

NOBODY_ASKED = {AUTOMATION_CONDITION_TAG, PARENT_RUN_ID_TAG, MAX_RETRIES_TAG}
"""Tags of runs that Dagster started, or started again; the last is that of `retry_lost_runs`."""


def may_be_done(context: dg.AssetExecutionContext) -> bool:
    """Whether what is there need not be made again. A person who materializes it may have changed
    how it is encoded."""
    return not NOBODY_ASKED.isdisjoint(context.run.tags)


def stored_segment(
    ops: Store, video: Video, slot: int, index: FrameIndex, folder: Path, *, origin: Origin
) -> tuple[Path, StoredObject] | None:
    """A copy of the chunk's segment, if there is one that is whole, and of this index and look."""
    path = folder / "stored.mp4"
    try:
        stored = ops.download(video.segment(slot), path)
        verify_segment(path, index, index.chunk(slot), origin=origin)
    except (ObjectNotFound, BrokenSegment, Superseded):
        return None
    return path, stored


def is_recorded(instance: dg.DagsterInstance, video: Video, slot: int, *, origin: Origin) -> bool:
    """Whether Dagster knows that the chunk is stylized, since it was last planned."""
    made = recorded_slots(instance, video, [slot]).get(slot)
    planned = planned_slots(instance, video, [slot]).get(slot, 0)
    return made is not None and made.is_of(origin) and made.event > planned


def film_inputs(
    instance: dg.DagsterInstance, video: Video, index: FrameIndex, *, origin: Origin
) -> str:
    """A fingerprint of what the film is made of; empty where a chunk is not recorded."""
    slots = [slot for slot, chunk in enumerate(index.chunks) if chunk]
    recorded = recorded_slots(instance, video, slots)
    if not all(slot in recorded and recorded[slot].is_of(origin) for slot in slots):
        return ""
    made_of = [index.upload, *(recorded[slot].version for slot in slots)]
    return blake2b(json.dumps(made_of).encode(), digest_size=16).hexdigest()


def delivered_film(media: Store, ops: Store, video: Video, *, inputs: str) -> StoredObject | None:
    """The film, if it is there and was made of these inputs."""
    record = recorded_film(ops, video)
    try:
        film = media.head(record["film"]) if record else None
    except ObjectNotFound:
        return None
    return film if film and (record["inputs"], record["etag"]) == (inputs, film.etag) else None


def is_film_recorded(
    instance: dg.DagsterInstance, asset: dg.AssetKey, video: Video, *, inputs: str
) -> bool:
    """Whether Dagster knows of the film of these inputs."""
    wanted = dg.AssetRecordsFilter(asset, asset_partitions=[video.key])
    made = [it.asset_materialization for it in instance.fetch_materializations(wanted, 1).records]
    return any(it and (it.tags or {}).get(DATA_VERSION) == inputs for it in made)
