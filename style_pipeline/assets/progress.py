"""Progress of long work in the run's log."""

import time
from logging import Logger

SECONDS_BETWEEN_LINES = 5


class Progress:
    """Logs a line with rate and time left every few seconds."""

    def __init__(self, log: Logger, what: str, total: int = 0) -> None:
        """A `total` of 0 is one that is not known."""
        self.log, self.what, self.total = log, what, total
        self.done = 0
        self.started = self.latest = self.logged = time.monotonic()

    def step(self) -> None:
        """One more is done."""
        self.reach(self.done + 1, self.total)

    def reach(self, done: int, total: int) -> None:
        """So many are done, of so many."""
        self.done, self.total = done, total
        self.latest = time.monotonic()
        if self.latest - self.logged >= SECONDS_BETWEEN_LINES:
            self.logged = self.latest
            # Containers may promise fewer frames than they hold.
            known = self.total >= self.done
            left = f", {(self.total - self.done) / self.rate:.0f} s left" if known else ""
            of = f" of {self.total}" if known else ""
            self.log.info(f"{self.what}: {self.done}{of} frames, {self.rate:.1f} fps{left}")

    @property
    def seconds(self) -> float:
        """From the beginning to the latest step."""
        return self.latest - self.started

    @property
    def rate(self) -> float:
        """Frames per second so far; 0 before any time has passed."""
        return self.done / self.seconds if self.seconds else 0.0
