"""What a Dagster instance remembers of videos."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
from dagster import DagsterEventType, DagsterInstance

from pipeline_kit.orchestration.metadata import latest_events, metadata_of
from pipeline_kit.orchestration.partition_runs import Partition, partitions_under_way, terminated
from style_pipeline.partitions import chunk_key, video_chunks, videos
from style_pipeline.status.video_status import (
    CHUNKS,
    STEPS,
    Pace,
    Said,
    State,
    Status,
    Step,
    VideoStatus,
    recent_pace,
    terminated_parts,
)

RUNS = 20
"""The latest runs of a partition, that are searched for a failure."""
RECENT = 3
"""Observations of a chunk whose pace counts: one comes every 20 seconds."""


def known_videos(instance: DagsterInstance) -> list[str]:
    """Keys of all videos that were ever taken."""
    return sorted(instance.get_dynamic_partitions(str(videos.name)))


def video_statuses(instance: DagsterInstance, keys: Collection[str]) -> list[VideoStatus]:
    """How far each video is."""
    steps = {name: steps_of(instance, name, keys, videos) for name in STEPS}
    read = metadata_of(instance, "frames", [step.event for step in steps["frames"].values()])
    grid = {
        key: [chunk_key(key, slot) for slot in range(int(read.get(key, {}).get("chunks", 0)))]
        for key in keys
    }
    all_chunks = [partition for partitions in grid.values() for partition in partitions]
    chunks = steps_of(instance, CHUNKS, all_chunks, video_chunks)
    planned = latest_events(instance, "chunk_plan", all_chunks)
    found = [
        VideoStatus(
            key=key,
            steps={name: steps[name][key] for name in STEPS},
            chunks=tuple(chunks[partition] for partition in grid[key]),
            planned=tuple(planned.get(partition, 0) for partition in grid[key]),
            frames=int(read.get(key, {}).get("frames", 0)),
        )
        for key in keys
    ]
    states = {video.state for video in found}
    ended = terminated(instance) if State.WAITING in states else set()
    at_work = partitions_under_way(instance, begun=True) if State.STYLIZING in states else set()
    return [
        _with_particulars(instance, video, grid[video.key], ended=ended, at_work=at_work)
        for video in found
    ]


def steps_of(
    instance: DagsterInstance,
    asset: str,
    partitions: Collection[str],
    definition: dg.PartitionsDefinition[Any],
) -> dict[str, Step]:
    if not partitions:
        return {}
    events = latest_events(instance, asset, partitions)
    statuses = instance.get_status_by_partition(dg.AssetKey(asset), list(partitions), definition)
    return {
        partition: Step(_status((statuses or {}).get(partition)), events.get(partition, 0))
        for partition in partitions
    }


def _status(seen: Any) -> Status:
    known = {"MATERIALIZED": Status.DONE, "IN_PROGRESS": Status.RUNNING, "FAILED": Status.FAILED}
    return known[seen.value] if seen else Status.MISSING


def _with_particulars(
    instance: DagsterInstance,
    video: VideoStatus,
    partitions: Sequence[str],
    *,
    ended: Collection[Partition],
    at_work: Collection[str],
) -> VideoStatus:
    """What only some states have: the pace, the film's place, the reason of failure, and what was
    terminated."""
    if video.state is State.STYLIZING:
        begun = frozenset(slot for slot, each in enumerate(partitions) if str(each) in at_work)
        return replace(video, begun=begun, paces=_paces(instance, video, partitions))
    if video.state is State.DONE:
        film = metadata_of(instance, "styled_video", [video.steps["styled_video"].event])
        return replace(video, film=str(film.get(video.key, {}).get("film", "")))
    if video.state is State.FAILED:
        return replace(video, reason=_reason(instance, video, partitions))
    if parts := terminated_parts(video, partitions, ended):
        return replace(video, is_canceled=True, reason=f"{parts} terminated")
    return video


def _paces(
    instance: DagsterInstance, video: VideoStatus, partitions: Sequence[str]
) -> dict[int, Pace]:
    slots = {partition: slot for slot, partition in enumerate(partitions)}
    stylized = [
        chunk.event for chunk, done in zip(video.chunks, video.chunks_done, strict=True) if done
    ]
    paces = {
        slots[partition]: Pace(
            frames_done=int(made["frames"]),
            fps=float(made["fps"]),
            event=video.chunks[slots[partition]].event,
        )
        for partition, made in metadata_of(instance, CHUNKS, stylized).items()
        if "fps" in made
    }
    for partition, slot in slots.items():
        if video.chunks[slot].status is Status.RUNNING:
            wanted = dg.AssetRecordsFilter(
                dg.AssetKey(CHUNKS),
                asset_partitions=[partition],
                after_storage_id=max(video.steps["look"].event, video.chunks[slot].event),
            )
            said = []
            for record in instance.fetch_observations(wanted, limit=RECENT).records:
                seen = record.asset_observation
                if seen and "frames_done" in seen.metadata:
                    done, fps = (seen.metadata[name].value for name in ("frames_done", "fps"))
                    said.append(Said(record.timestamp, int(done), float(fps)))  # type: ignore[arg-type]
            if said:
                paces[slot] = replace(recent_pace(said), event=video.chunks[slot].event)
    return paces


def _reason(instance: DagsterInstance, video: VideoStatus, partitions: Sequence[str]) -> str:
    """The first line of the latest failure, with the asset that failed."""
    failed = [(name, video.key) for name in STEPS if video.steps[name].status is Status.FAILED]
    failed += [
        (CHUNKS, partition)
        for partition, chunk in zip(partitions, video.chunks, strict=True)
        if chunk.status is Status.FAILED
    ]
    return next((f"{asset}: {first_line(instance, asset, at)}" for asset, at in failed), "")


def first_line(instance: DagsterInstance, asset: str, partition: str) -> str:
    """What the latest run that failed to make the partition said."""
    runs = dg.RunsFilter(tags={"dagster/partition": partition})
    for record in instance.get_run_records(runs, limit=RUNS):
        events = instance.get_records_for_run(
            record.dagster_run.run_id, of_type=DagsterEventType.STEP_FAILURE
        ).records
        for event in (entry.event_log_entry.dagster_event for entry in reversed(events)):
            if event and event.step_key == asset:
                data = event.step_failure_data
                said = data.user_failure_data.description if data.user_failure_data else None
                return (said or (data.error.message if data.error else "")).strip().splitlines()[0]
    return "its process ended before it was done: retry it"


def daemon_is_alive(instance: DagsterInstance) -> bool:
    """Whether one runs that launches what was asked for."""
    statuses = instance.get_daemon_statuses()
    return all(status.healthy for status in statuses.values() if status.required)
