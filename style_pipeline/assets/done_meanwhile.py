"""Chunks that another run stylized meanwhile, as after a network partition."""

from pathlib import Path

import dagster as dg

from pipeline_kit.orchestration.dagster_private import (
    AUTOMATION_CONDITION_TAG,
    MAX_RETRIES_TAG,
    PARENT_RUN_ID_TAG,
)
from pipeline_kit.storage.objects import ObjectNotFound, StoredObject, Superseded
from pipeline_kit.storage.store import Store
from style_pipeline.assets.chunk_plan import planned_slots, recorded_slots
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.segment import BrokenSegment, Origin, verify_segment
from style_pipeline.object_names import Video

NOBODY_ASKED = {AUTOMATION_CONDITION_TAG, PARENT_RUN_ID_TAG, MAX_RETRIES_TAG}
"""Tags of runs that Dagster started, or started again; the last is that of `lost_retries`."""


def may_be_done(context: dg.AssetExecutionContext) -> bool:
    """Whether a chunk that is stylized need not be stylized again. Who materializes one by hand may
    have changed how it is encoded."""
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
