"""Progress of long work in the run's log."""

import time
from logging import Logger

SECONDS_BETWEEN_LINES = 5


class Progress:
    """Logs a line with rate and time left every few seconds, and sums up at the end."""

    def __init__(self, log: Logger, what: str, total: int) -> None:
        self.log, self.what, self.total = log, what, total
        self.done = 0
        self.started = self.logged = time.monotonic()

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        now = time.monotonic()
        if now - self.logged >= SECONDS_BETWEEN_LINES:
            self.logged = now
            left = f", {(self.total - self.done) / self.rate:.0f} s left" if self.total else ""
            of = f" of {self.total}" if self.total else ""
            self.log.info(f"{self.what}: {self.done}{of} frames, {self.rate:.1f} fps{left}")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def rate(self) -> float:
        """Frames per second so far."""
        return self.done / max(self.seconds, 1e-9)
