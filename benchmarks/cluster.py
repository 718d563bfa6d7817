"""A cluster that stylizes films, simulated: what `scale_out.py` asks.

Every pod has a node of its own, which is started when the work begins, may be pre-empted at any
moment, and is given back some time after nothing waits. A pod stylizes one chunk: it starts, loads
the network, fetches the source, stylizes, and stores the segment. A chunk whose node was taken
waits for another.
"""

import heapq
import random
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import simpy

Step = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the work of a cluster is made of; times are seconds, sizes bytes."""

    node_start: float
    """From asking for a node until it takes pods; it is paid for from the beginning."""
    node_kept: float = 0.0
    """For work that may still come, paid for as well."""
    chunk_start: float
    """Of a pod on a node that is up: until it is scheduled, has imported and has its network."""
    frame: float
    """Painting one, in a chunk of a pod by itself."""
    spread: float = 0.0
    """Standard deviation of the logarithm of how much longer a chunk takes than it should."""
    preemptions: float = 0.0
    """Of a node, in an hour."""
    source: float = 0.0
    """Size of the file, which every chunk fetches."""
    styled: float = 0.0
    """Size of a styled frame."""
    pod_bandwidth: float = inf
    bandwidth: float = inf
    """Of the storage, for all pods together."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the work."""

    makespan: float
    """Seconds until the last chunk was stored."""
    node_seconds: float
    """All that is paid for."""
    frames: int
    preempted: int
    """Nodes that were taken away, also while they started."""
    lost: tuple[int, ...]
    """Frames of each chunk that had to be begun again, in the order in which they were lost."""


def simulate(chunks: Sequence[int], *, pods: int, parts: Parts, seed: int = 0) -> Outcome:
    """Stylize chunks of so many frames each, in their order, on at most so many pods."""
    cluster = _Cluster(chunks, parts, random.Random(seed))
    for _ in range(min(pods, len(chunks))):
        cluster.start_node()
    cluster.world.run(cluster.done)
    makespan = cluster.world.now
    cluster.world.run()
    return Outcome(
        makespan=makespan,
        node_seconds=cluster.node_seconds,
        frames=cluster.painted,
        preempted=cluster.preempted,
        lost=tuple(cluster.lost),
    )


class _Cluster:
    def __init__(self, chunks: Sequence[int], parts: Parts, chance: random.Random) -> None:
        self.world = simpy.Environment()
        self.done = self.world.event()
        self.parts, self.chance = parts, chance
        self.link = _Link(self.world, share=parts.pod_bandwidth, total=parts.bandwidth)
        self.waiting = deque(chunks)
        self.remaining, self.painted, self.node_seconds = len(chunks), 0, 0.0
        self.preempted, self.lost = 0, list[int]()
        self.idle: list[simpy.Event] = []

    def start_node(self) -> None:
        node = self.world.process(self._node())
        if self.parts.preemptions:
            self.world.process(self._preempt(node))

    def _preempt(self, node: simpy.Process) -> Step:
        yield self.world.timeout(self.chance.expovariate(self.parts.preemptions / 3600)) | node
        if node.is_alive:
            node.interrupt()

    def _node(self) -> Step:
        asked_for = self.world.now
        chunk = 0
        try:
            yield self.world.timeout(self.parts.node_start)
            while self.waiting or (yield from self._idle()):
                chunk = self.waiting.popleft()
                yield from self._paint(chunk)
                self.painted += chunk
                self.remaining -= 1
                chunk = 0
                if not self.remaining:
                    self.done.succeed()
        except simpy.Interrupt:
            self.preempted += 1
            if chunk:
                self.lost.append(chunk)
                self.waiting.appendleft(chunk)
            if self.idle and self.waiting:
                self.idle.pop().succeed()
            elif self.waiting:
                self.start_node()
        self.node_seconds += self.world.now - asked_for

    def _idle(self) -> Generator[simpy.Event, Any, bool]:
        """Wait for a chunk that another node had to leave; whether one came."""
        called = self.world.event()
        self.idle.append(called)
        try:
            yield called | self.world.timeout(self.parts.node_kept)
        finally:
            if called in self.idle:
                self.idle.remove(called)
        return bool(self.waiting)

    def _paint(self, chunk: int) -> Step:
        parts = self.parts
        yield self.world.timeout(parts.chunk_start)
        yield from self.link.transfer(parts.source)
        slower = self.chance.lognormvariate(0, parts.spread)
        yield self.world.timeout(chunk * parts.frame * slower)
        yield from self.link.transfer(chunk * parts.styled)


class _Link:
    """Storage, whose bandwidth the transfers under way share evenly.

    As all of them go at one speed, a transfer ends when as much was sent to each as it needs; which
    is known when it begins, whatever happens to the speed.
    """

    def __init__(self, world: simpy.Environment, *, share: float, total: float) -> None:
        self.world, self.share, self.total = world, share, total
        self.sent, self.since = 0.0, 0.0
        self.under_way: list[tuple[float, int, simpy.Event]] = []
        self.changes = 0

    def transfer(self, size: float) -> Step:
        if not size or self.share == self.total == inf:
            return
        self._advance()
        entry = (self.sent + size, self.changes, self.world.event())
        heapq.heappush(self.under_way, entry)
        self._watch()
        try:
            yield entry[2]
        except simpy.Interrupt:
            if entry in self.under_way:
                self._advance()
                self.under_way.remove(entry)
                heapq.heapify(self.under_way)
                self._watch()
            raise

    @property
    def speed(self) -> float:
        return min(self.share, self.total / len(self.under_way))

    def _advance(self) -> None:
        if self.under_way:
            self.sent += (self.world.now - self.since) * self.speed
        self.since = self.world.now

    def _watch(self) -> None:
        """Look when the next transfer ends; what was to be looked at before has changed."""
        self.changes += 1
        if self.under_way:
            left = max(0.0, self.under_way[0][0] - self.sent)
            end = self.world.timeout(left / self.speed, self.changes)
            end.callbacks.append(self._look)

    def _look(self, end: simpy.Event) -> None:
        if end.value == self.changes:
            self._advance()
            _, _, ended = heapq.heappop(self.under_way)
            ended.succeed()
            self._watch()
