"""How far a video is, and what is missing of it: decisions only, nothing is asked here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import mean
from types import MappingProxyType


class Status(StrEnum):
    """Of one partition of an asset."""

    MISSING = "missing"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


class State(StrEnum):
    """Of a video; in the order in which they are listed."""

    FAILED = "failed"
    CANCELED = "canceled"
    REMOVED = "removed"
    STYLIZING = "stylizing"
    JOINING = "joining"
    READING = "reading"
    WAITING = "waiting"
    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True)
class Step:
    """One partition of an asset."""

    status: Status = Status.MISSING
    event: int = 0
    """Orders results: the storage id of the last one's event, 0 where there is none."""

    def made_after(self, *others: "Step") -> bool:
        """Whether its result is there, and follows from theirs."""
        return self.status is Status.DONE and all(self.event > other.event for other in others)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a chunk is stylized lately, or was, and how far it is."""

    frames_done: int
    fps: float
    event: int = 0
    """Orders paces: the storage id of the event that says it."""


LATEST = 3
"""Chunks that are done whose pace counts while no other is known."""


@dataclass(frozen=True)
class Said:
    """What a chunk said of itself at some time, in seconds."""

    time: float
    frames_done: int
    fps: float


FIRST_STEPS = ("audio", "frames", "look")
"""What the sensor starts; all others follow by themselves."""
CHUNKS = "styled_frames"
STEPS = (*FIRST_STEPS, "styled_video")
"""What there is one of for each video."""


@dataclass(frozen=True, kw_only=True)
class VideoStatus:
    """How far one video is."""

    key: str
    steps: Mapping[str, Step]
    """Of each of `STEPS`."""
    chunks: tuple[Step, ...] = ()
    """Of the chunks that the video has; empty before it was read."""
    planned: tuple[int, ...] = ()
    """The event with which each of them was last planned; 0 where an earlier version made it."""
    frames: int = 0
    paces: Mapping[int, Pace] = field(default_factory=dict)
    """Of chunks that are or were stylized, by slot."""
    begun: frozenset[int] | None = None
    """Slots whose run is no longer queued, where that is known."""
    film: str = ""
    """Where the film is."""
    reason: str = ""
    """Why what failed did, or what it waits for."""
    waits_for: str = ""
    """The partition of `style_model`, where it is not that of its folder."""
    is_canceled: bool = False
    """Something that is not there was terminated, and nobody asked for it since."""
    is_source_gone: bool = False
    is_film_gone: bool = False
    """The film was delivered, and somebody removed it."""

    @property
    def chunks_done(self) -> tuple[bool, ...]:
        """Which chunks are those of the latest index and look."""
        return tuple(map(Step.made_after, self.chunks, self._asked_for))

    @property
    def is_film_there(self) -> bool:
        """Whether it is that of the present chunks."""
        # What is planned comes out of the chunks that follow; one that is made again and comes out
        # the same is no reason for another film.
        before = (
            self._asked_for
            if self.planned and all(self.planned)
            else (*self._asked_for, *self.chunks)
        )
        return self.steps["styled_video"].made_after(*before)

    @property
    def _asked_for(self) -> tuple[Step, ...]:
        """For each chunk, what it has to be made after."""
        frames, look = self.steps["frames"], self.steps["look"]
        earlier = max(frames, look, key=lambda step: step.event)
        planned = self.planned or (0,) * len(self.chunks)
        return tuple(Step(event=event) if event else earlier for event in planned)

    @property
    def state(self) -> State:
        chunks = {chunk.status for chunk in self.chunks}
        if self.steps["styled_video"].status is Status.RUNNING:
            return State.JOINING
        if any(self.steps[name].status is Status.RUNNING for name in FIRST_STEPS):
            return State.READING
        if Status.RUNNING in chunks:
            return State.STYLIZING
        is_whole = self.is_film_there and not self.is_film_gone
        if self.is_source_gone:
            return State.DONE if is_whole else State.GONE
        if Status.FAILED in {*chunks, *(step.status for step in self.steps.values())}:
            return State.FAILED
        if self.is_film_there:
            return State.DONE if is_whole else State.REMOVED
        return State.CANCELED if self.is_canceled else State.WAITING

    @property
    def is_busy(self) -> bool:
        """Whether something of it is under way."""
        return self.state in (State.READING, State.STYLIZING, State.JOINING)

    @property
    def seconds_left(self) -> float | None:
        """Until all chunks are stylized at the pace of now; None where it is not known.

        Chunks are of one size, but for a frame, and as many at a time are stylized as now. One that
        has not said yet how fast it is counts as those that were done last, or as the others that
        run. While all are queued, nobody knows.
        """
        running = [
            slot
            for slot, chunk in enumerate(self.chunks)
            if chunk.status is Status.RUNNING and (self.begun is None or slot in self.begun)
        ]
        now = {slot: self.paces[slot] for slot in running if slot in self.paces}
        done = [pace for slot, pace in self.paces.items() if slot not in now]
        latest = sorted(done, key=lambda pace: pace.event)[-LATEST:]
        known = [pace.fps for pace in latest or now.values() if pace.fps > 0]
        if not (running and known):
            return None
        rate = sum(now[slot].fps if slot in now else mean(known) for slot in running)
        share = self.frames / len(self.chunks)
        reached = sum(share for is_done in self.chunks_done if is_done)
        reached += sum(pace.frames_done for pace in now.values())
        return max(0.0, self.frames - reached) / rate if rate > 0 else None


def recent_pace(said: Sequence[Said]) -> Pace:
    """How fast a chunk was while it said this, the latest first; with one alone, since it began."""
    latest, earliest = said[0], said[-1]
    seconds, frames = latest.time - earliest.time, latest.frames_done - earliest.frames_done
    # A chunk that was started again counts from 0.
    fps = frames / seconds if seconds > 0 and frames > 0 else latest.fps
    return Pace(frames_done=latest.frames_done, fps=fps)


def terminated_parts(
    video: VideoStatus, partitions: Sequence[str], ended: Collection[tuple[str, str]]
) -> str:
    """What of it is not there as it was terminated, as `look was` or `3 chunks were`; or nothing.

    `partitions` are those of its chunks, and `ended` what was terminated: assets and partitions.
    """
    steps = [
        name
        for name in STEPS
        if video.steps[name].status is Status.MISSING and (name, video.key) in ended
    ]
    chunks = sum(
        not done and (CHUNKS, str(partition)) in ended
        for done, partition in zip(video.chunks_done, partitions, strict=True)
    )
    parts = steps + ([f"{chunks} chunk{'s' * (chunks > 1)}"] if chunks else [])
    verb = "were" if chunks > 1 or len(parts) > 1 else "was"
    return f"{' and '.join(parts)} {verb}" if parts else ""


def in_order(videos: Iterable[VideoStatus]) -> list[VideoStatus]:
    """Those first that need attention."""
    order = list(State)
    return sorted(videos, key=lambda video: (order.index(video.state), video.key))


def missing(
    video: VideoStatus, *, lost: Mapping[str, Sequence[int]] = MappingProxyType({})
) -> dict[str, list[int]]:
    """What has to be made by hand: slots by asset, none where the asset is not in chunks.

    What Dagster starts automatically is left out, and what is done. `lost` is what was made and is
    in the store no more, as this returns it. Empty where nothing is missing, and where nothing can
    be made, as the source is gone.
    """
    if video.is_source_gone:
        return {}
    first = [
        name for name in FIRST_STEPS if video.steps[name].status is not Status.DONE or name in lost
    ]
    if "frames" in first and "look" not in first:
        first.append("look")  # which is decided for the frames that there are
    gone = lost.get(CHUNKS, ())
    chunks = [slot for slot, done in enumerate(video.chunks_done) if not done or slot in gone]
    wanted: dict[str, list[int]] = {name: [] for name in first}
    removed = video.is_film_there and video.is_film_gone
    # What is planned with the look follows by itself; what was planned before does not any more.
    if chunks and (removed or not {"frames", "look"} & {*first}):
        wanted[CHUNKS] = chunks
    # A film follows by itself where it is made of something else than before.
    if removed or not (wanted or video.is_film_there):
        wanted["styled_video"] = []
    return wanted
