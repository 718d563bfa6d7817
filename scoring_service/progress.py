"""How far a film is, from what Dagster's web server tells of its video: decisions alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from style_pipeline.status.video_status import (
    CHUNKS,
    FIRST_STEPS,
    STEPS,
    Pace,
    Said,
    State,
    Status,
    Step,
    VideoStatus,
    recent_pace,
)

PLAN: Final = "chunk_plan"
RECENT: Final = 3
"""Observations of a chunk whose pace counts."""
_WAITING: Final = {"QUEUED", "NOT_STARTED", "STARTING"}
_UNDER_WAY: Final = {*_WAITING, "MANAGED", "STARTED", "CANCELING"}


@dataclass(frozen=True)
class Run:
    """A run of a video, or of one of its chunks."""

    run_id: str
    status: str
    created: float
    """Milliseconds since 1970, as of events."""
    partition: str
    assets: frozenset[str]


@dataclass(frozen=True)
class Event:
    """A materialization or an observation of a partition."""

    partition: str
    time: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class Seen:
    """What Dagster knows of one video."""

    key: str
    runs: Sequence[Run]
    made: Mapping[str, Mapping[str, Event]]
    """The latest materializations, by asset and partition."""
    said: Sequence[Event] = ()
    """What chunks observed of themselves, the latest first."""


@dataclass(frozen=True)
class Progress:
    """What the page shows of a film."""

    state: str
    chunks: int = 0
    chunks_done: int = 0
    frames: int = 0
    seconds_left: int | None = None
    reason: str = ""


def runs_in(answer: Iterable[Mapping[str, Any]]) -> list[Run]:
    """Runs as the web server gives them; the sensor's has no selection, and makes what is first."""
    return [
        Run(
            run["runId"],
            run["status"],
            1e3 * run["creationTime"],
            next((tag["value"] for tag in run["tags"] if tag["key"] == "dagster/partition"), ""),
            frozenset(asset["path"][-1] for asset in run["assetSelection"] or ())
            or frozenset(FIRST_STEPS),
        )
        for run in answer
    ]


def events_in(answer: Iterable[Mapping[str, Any] | None]) -> list[Event]:
    """Events as the web server gives them, with their numbers."""
    return [
        Event(
            event["partition"],
            float(event["timestamp"]),
            {
                entry["label"]: entry.get("intValue", entry.get("floatValue"))
                for entry in event["metadataEntries"]
                if len(entry) > 1
            },
        )
        for event in answer
        if event
    ]


def chunk_keys(seen: Seen) -> list[str]:
    """The partitions of its chunks; none before it was read."""
    read = seen.made.get("frames", {}).get(seen.key)
    count = int(read.values.get("chunks", 0)) if read else 0
    return [f"{seen.key}|{slot:03}" for slot in range(count)]


def latest_failure(seen: Seen) -> str:
    """The id of the last run that failed, or nothing."""
    failed = [run for run in seen.runs if run.status == "FAILURE"]
    last = max(failed, key=lambda run: run.created, default=None)
    return last.run_id if last else ""


def video_status(seen: Seen) -> VideoStatus:
    """The same that `style-pipeline status` finds in the instance itself."""
    keys, plans = chunk_keys(seen), seen.made.get(PLAN, {})
    chunks = tuple(_step(seen, CHUNKS, key) for key in keys)
    video = VideoStatus(
        key=seen.key,
        steps={name: _step(seen, name, seen.key) for name in STEPS},
        chunks=chunks,
        planned=tuple(int(plans[key].time) if key in plans else 0 for key in keys),
        frames=int(seen.made["frames"][seen.key].values.get("frames", 0)) if keys else 0,
        is_canceled=any(run.status == "CANCELED" for run in seen.runs),
    )
    begun = frozenset(slot for slot, key in enumerate(keys) if _has_begun(seen, CHUNKS, key))
    return replace(video, begun=begun, paces=dict(_paces(seen, keys, video)))


def progress_of(seen: Seen, *, reason: str = "") -> Progress:
    """What a person is told; `reason` is that of the latest failure."""
    video = video_status(seen)
    left = video.seconds_left
    done, state = sum(video.chunks_done), str(video.state)
    begun = any(_has_begun(seen, name, seen.key) for name in FIRST_STEPS)
    if video.state is State.WAITING or (video.state is State.READING and not begun):
        # Between two runs, too, it waits.
        state = "queued" if not done else "stylizing" if done < len(video.chunks) else "joining"
    return Progress(
        state=state,
        chunks=len(video.chunks),
        chunks_done=done,
        frames=video.frames,
        seconds_left=None if left is None else round(left),
        reason=reason if video.state is State.FAILED else "",
    )


def _latest(seen: Seen, asset: str, partition: str) -> Run | None:
    own = (run for run in seen.runs if run.partition == partition and asset in run.assets)
    return max(own, key=lambda run: run.created, default=None)


def _has_begun(seen: Seen, asset: str, partition: str) -> bool:
    run = _latest(seen, asset, partition)
    return run is not None and run.status not in _WAITING


def _step(seen: Seen, asset: str, partition: str) -> Step:
    run, made = _latest(seen, asset, partition), seen.made.get(asset, {}).get(partition)
    event = int(made.time) if made else 0
    if run and run.created > event:
        if run.status in _UNDER_WAY:
            return Step(Status.RUNNING, event)
        if run.status == "FAILURE":
            return Step(Status.FAILED, event)
    return Step(Status.DONE if made else Status.MISSING, event)


def _paces(seen: Seen, keys: Sequence[str], video: VideoStatus) -> Iterable[tuple[int, Pace]]:
    for slot, (key, step) in enumerate(zip(keys, video.chunks, strict=True)):
        made = seen.made.get(CHUNKS, {}).get(key)
        if step.status is Status.DONE and made and "fps" in made.values:
            frames, fps = int(made.values.get("frames", 0)), made.values["fps"]
            yield slot, Pace(frames_done=frames, fps=fps, event=step.event)
        run = _latest(seen, CHUNKS, key)
        since = run.created if run else 0
        said = [
            Said(event.time / 1e3, int(event.values["frames_done"]), event.values["fps"])
            for event in seen.said
            if event.partition == key and event.time > since and "frames_done" in event.values
        ]
        if step.status is Status.RUNNING and said:
            yield slot, replace(recent_pace(said[:RECENT]), event=step.event)
