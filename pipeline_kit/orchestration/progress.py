"""Progress of long work: in the run's log, on the asset's page, and to whoever watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Logger

import dagster as dg

from pipeline_kit.durations import duration

SECONDS_BETWEEN_LINES = 5
LINES_BETWEEN_OBSERVATIONS = 4

Watch = Callable[[str, int, int], None]
_watches: list[Watch] = []


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Call `watch(what, done, total)` at each step of all work in this process."""
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.remove(watch)


class Progress:
    """Logs a line with rate and time left every few seconds."""

    unit, rate_unit = "items", "items/s"
    """What is counted, in lines and in the names of metadata."""

    def __init__(
        self,
        log: Logger,
        what: str,
        total: int = 0,
        *,
        shown_on: dg.AssetExecutionContext | None = None,
    ) -> None:
        """A `total` of 0 is one that is not known.

        Every fourth line is also an observation of the partition `shown_on`.
        """
        self.log, self.what, self.total, self.shown_on = log, what, total, shown_on
        self.done = self.lines = 0
        self.started = self.latest = self.logged = time.monotonic()

    def step(self) -> None:
        """One more is done."""
        self.reach(self.done + 1, self.total)

    def reach(self, done: int, total: int) -> None:
        """So many are done, of so many."""
        self.done, self.total = done, total
        self.latest = time.monotonic()
        for watch in _watches:
            watch(self.what, done, total)
        if self.latest - self.logged >= SECONDS_BETWEEN_LINES:
            self.logged = self.latest
            # What a file promises may be fewer than it holds.
            known = self.total >= self.done
            seconds_left = (self.total - self.done) / self.rate if known else 0
            left = f", {duration(seconds_left)} left" if known else ""
            of = f" of {self.total}" if known else ""
            line = f"{self.done}{of} {self.unit}, {self.rate:.1f} {self.rate_unit}{left}"
            self.log.info(f"{self.what}: {line}")
            if self.shown_on and self.lines % LINES_BETWEEN_OBSERVATIONS == 0:
                self.shown_on.log_event(
                    dg.AssetObservation(
                        self.shown_on.asset_key,
                        partition=self.shown_on.partition_key,
                        description=line,
                        metadata={
                            f"{self.unit}_done": self.done,
                            self.rate_unit: round(self.rate, 2),
                            **(
                                {self.unit: self.total, "seconds_left": round(seconds_left)}
                                if known
                                else {}
                            ),
                        },
                    )
                )
            self.lines += 1

    @property
    def seconds(self) -> float:
        """From the beginning to the latest step."""
        return self.latest - self.started

    @property
    def rate(self) -> float:
        """Units a second so far; 0 before any time has passed."""
        return self.done / self.seconds if self.seconds else 0.0
