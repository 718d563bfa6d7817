"""What is recorded of chunks: those that are to be stylized, and those that are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import dagster as dg

from pipeline_kit.orchestration.data_versions import DATA_VERSION
from pipeline_kit.orchestration.metadata import latest_events, materializations
from pipeline_kit.storage.store import Store
from style_pipeline.look.look import Look
from style_pipeline.media.frame_index import FrameIndex
from style_pipeline.media.segment import Origin
from style_pipeline.object_names import Video
from style_pipeline.partitions import MAX_CHUNKS, chunk_key

PLAN = dg.AssetKey("chunk_plan")
CHUNKS = dg.AssetKey("styled_frames")
FILM = dg.AssetKey("styled_video")


@dataclass(frozen=True)
class Recorded:
    """The latest materialization of a slot."""

    event: int
    """Orders events."""
    frames: object
    version: str

    def is_of(self, origin: Origin) -> bool:
        """Whether it was made from this index and look."""
        return self.version.startswith(_prefix(origin))


def origin_of(index: FrameIndex, look: Look) -> Origin:
    return Origin(index.content_hash, look.content_hash)


def chunk_version(origin: Origin, segment: Path) -> dg.DataVersion:
    """What a chunk was made from, and what it is: films follow where that changes."""
    with segment.open("rb") as file:
        return dg.DataVersion(_prefix(origin) + file_digest(file, "sha256").hexdigest()[:32])


def _prefix(origin: Origin) -> str:
    return f"{origin.index_hash}.{origin.look_hash}."


def record_unneeded_slots(
    context: dg.AssetExecutionContext, video: Video, index: FrameIndex
) -> None:
    """Complete the grid of chunks, so that the film can follow. To be called before others can see
    the index: what was planned for an earlier upload is taken back."""
    slots = [slot for slot in range(MAX_CHUNKS) if not index.chunk(slot)]
    recorded = recorded_slots(context.instance, video, slots)
    planned = planned_slots(context.instance, video, slots)
    for slot in slots:
        made = recorded.get(slot)
        if made is None or made.frames != 0 or planned.get(slot, 0) > made.event:
            context.log_event(
                dg.AssetMaterialization(
                    CHUNKS,
                    partition=chunk_key(video.key, slot),
                    description=f"empty: {_filled(index)}",
                    metadata={"frames": 0, "needed": f"no: this slot is empty, {_filled(index)}"},
                )
            )


def plan_chunks(
    context: dg.AssetExecutionContext, ops: Store, video: Video, index: FrameIndex, look: Look
) -> None:
    """Have each chunk stylized that is not yet, of this index and look."""
    origin = origin_of(index, look)
    slots = [slot for slot in range(MAX_CHUNKS) if index.chunk(slot)]
    recorded = recorded_slots(context.instance, video, slots)
    stored = {found.name for found in ops.list(video.segments)}
    for slot in slots:
        made = recorded.get(slot)
        if made is None or not made.is_of(origin) or video.segment(slot) not in stored:
            context.log_event(
                dg.AssetMaterialization(
                    PLAN,
                    partition=chunk_key(video.key, slot),
                    metadata={"frames": len(index.chunk(slot))},
                )
            )


def record_progress(
    context: dg.AssetExecutionContext, video: Video, index: FrameIndex, look: Look, slot: int
) -> None:
    """On the film's page, how many chunks are stylized, with this one, not recorded yet."""
    slots = [other for other in range(len(index.chunks)) if index.chunk(other) and other != slot]
    recorded, origin = recorded_slots(context.instance, video, slots), origin_of(index, look)
    done = 1 + sum(made.is_of(origin) for made in recorded.values())
    context.log_event(
        dg.AssetObservation(
            FILM,
            partition=video.key,
            description=f"{done} of {_count(index)} stylized",
            metadata={"chunks_done": done, "chunks": len(slots) + 1},
        )
    )


def _count(index: FrameIndex) -> str:
    count = sum(bool(chunk) for chunk in index.chunks)
    return f"{count} chunk{'s' if count > 1 else ''}"


def _filled(index: FrameIndex) -> str:
    """Which slots are not empty, for whoever wonders about one that is."""
    last = len(list(filter(None, index.chunks))) - 1
    where = f"slots 000 to {last:03}" if last else "slot 000"
    return f"the video has {_count(index)}, in {where}"


def recorded_slots(
    instance: dg.DagsterInstance, video: Video, slots: Collection[int]
) -> dict[int, Recorded]:
    """What was last recorded of the slots of `styled_frames` that have anything."""
    events = _latest_events(instance, CHUNKS, video, slots)
    by_event = {event: slot for slot, event in events.items()}
    return {
        by_event[event]: Recorded(
            event=event,
            frames=made.metadata["frames"].value if "frames" in made.metadata else None,
            version=(made.tags or {}).get(DATA_VERSION, ""),
        )
        for event, made in materializations(instance, CHUNKS, by_event)
    }


def planned_slots(
    instance: dg.DagsterInstance, video: Video, slots: Collection[int]
) -> Mapping[int, int]:
    """The event with which each slot was last planned, of those that ever were."""
    return _latest_events(instance, PLAN, video, slots)


def _latest_events(
    instance: dg.DagsterInstance, asset: dg.AssetKey, video: Video, slots: Collection[int]
) -> dict[int, int]:
    partitions: dict[str, int] = {chunk_key(video.key, slot): slot for slot in slots}
    events = latest_events(instance, asset, partitions)
    return {partitions[key]: event for key, event in events.items()}
