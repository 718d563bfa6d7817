"""How far a video is, and what is missing of it: decisions only, nothing is asked here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import mean


class Status(StrEnum):
    """Of one partition of an asset."""

    MISSING = "missing"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


class State(StrEnum):
    """Of a video; in the order in which they are listed."""

    FAILED = "failed"
    STYLIZING = "stylizing"
    JOINING = "joining"
    READING = "reading"
    WAITING = "waiting"
    DONE = "done"


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
    """How fast a chunk is or was stylized, and how far it is."""

    frames_done: int
    fps: float


FIRST_STEPS = ("audio", "frames", "look")
"""What the sensor starts; all others follow by themselves."""
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
    film: str = ""
    """Where the film is."""
    reason: str = ""
    """Why what failed did, or what it waits for."""

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
        if Status.FAILED in {*chunks, *(step.status for step in self.steps.values())}:
            return State.FAILED
        return State.DONE if self.is_film_there else State.WAITING

    @property
    def is_busy(self) -> bool:
        """Whether something of it is under way."""
        return self.state in (State.READING, State.STYLIZING, State.JOINING)

    @property
    def seconds_left(self) -> float | None:
        """Until all chunks are stylized at the current pace; None where it is not known.

        Chunks are of one size, but for a frame, and as many at a time are stylized as now.
        """
        running = [i for i, chunk in enumerate(self.chunks) if chunk.status is Status.RUNNING]
        fps = [pace.fps for pace in self.paces.values() if pace.fps > 0]
        if not (running and fps):
            return None
        share = self.frames / len(self.chunks)
        done = sum(share for done in self.chunks_done if done)
        done += sum(self.paces[slot].frames_done for slot in running if slot in self.paces)
        return max(0.0, self.frames - done) / (mean(fps) * len(running))


def in_order(videos: Iterable[VideoStatus]) -> list[VideoStatus]:
    """Those first that need attention."""
    order = list(State)
    return sorted(videos, key=lambda video: (order.index(video.state), video.key))


def missing(video: VideoStatus) -> dict[str, list[int]]:
    """What has to be made by hand: slots by asset, none where the asset is not in chunks.

    What Dagster starts automatically is left out. Empty where nothing is missing.
    """
    first = [name for name in FIRST_STEPS if video.steps[name].status is not Status.DONE]
    if first:
        # The look is decided for the frames that there are, and audio costs next to nothing.
        return {name: [] for name in FIRST_STEPS}
    chunks = [slot for slot, done in enumerate(video.chunks_done) if not done]
    if chunks:
        return {"styled_frames": chunks}
    return {} if video.is_film_there else {"styled_video": []}
