"""In which order queued runs get their turn."""

import time
from typing import Protocol, runtime_checkable

from dagster import DagsterRun
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.storage.tags import MULTIDIMENSIONAL_PARTITION_PREFIX, PRIORITY_TAG

SECONDS_A_CHUNK = 300
"""About what a chunk is worth: a video's next chunk is due so much later."""


@runtime_checkable
class LooksAfterRuns(Protocol):
    """A run launcher that has something to do while the daemon runs."""

    def daemon_started(self) -> None: ...


class FairRunCoordinator(QueuedRunCoordinator):
    """Dagster's queue, in which videos take turns.

    The later a run is asked for and the further on in its video its chunk is, the later it is due,
    and what is due first runs first. So a short video overtakes the late chunks of a long one, and
    no chunk waits for ever, as those that are asked for later are due later.
    """

    @property
    def dequeue_interval_seconds(self) -> int:
        # Only the daemon asks, and as it starts. It does not ask the launcher for anything before
        # there is a run to launch, or one that has reported.
        if self.has_instance and isinstance(self._instance.run_launcher, LooksAfterRuns):
            self._instance.run_launcher.daemon_started()
        return super().dequeue_interval_seconds

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        run = context.dagster_run
        # A run that is started again keeps its turn.
        if PRIORITY_TAG not in run.tags:
            due = round(time.time()) + chunk_of(run) * SECONDS_A_CHUNK
            self._instance.add_run_tags(run.run_id, {PRIORITY_TAG: str(-due)})
        return super().submit_run(context)


def chunk_of(run: DagsterRun) -> int:
    """The slot of a run's chunk; 0 where it has none."""
    return int(run.tags.get(f"{MULTIDIMENSIONAL_PARTITION_PREFIX}video_chunk", 0))
