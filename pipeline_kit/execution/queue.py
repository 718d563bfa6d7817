"""In which order queued runs get their turn."""

import time
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from dagster import DagsterRun, Field, Map

from pipeline_kit.orchestration.dagster_private import (
    PRIORITY_TAG,
    ConfigurableClassData,
    QueuedRunCoordinator,
    SubmitRunContext,
)


@runtime_checkable
class LooksAfterRuns(Protocol):
    """A run launcher that has something to do while the daemon runs."""

    def daemon_started(self) -> None: ...


class FairRunCoordinator(QueuedRunCoordinator):
    """Dagster's queue, in which batches of runs take turns.

    The later a run is asked for and the further on in its batch it is, the later it is due, and
    what is due first runs first. So a short batch overtakes the end of a long one, and no run waits
    for ever, as those that are asked for later are due later.

    A pipeline says in `turns` which tag of its runs has their place in the batch, a whole number,
    and by how many seconds each place is due after the one before: about what a run takes.
    """

    def __init__(
        self,
        *,
        turns: Mapping[str, int] | None = None,
        inst_data: ConfigurableClassData | None = None,
        **config: Any,
    ) -> None:
        super().__init__(inst_data=inst_data, **config)
        self.turns = dict(turns or {})

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        description = "Tags with a run's place in its batch, and the seconds that a place is worth."
        places: Any = Map(str, int)  # type: ignore[no-untyped-call]
        inherited: Any = super().config_type()
        return {**inherited, "turns": Field(places, is_required=False, description=description)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "FairRunCoordinator":
        return cls(inst_data=inst_data, **config_value)

    @property
    def dequeue_interval_seconds(self) -> int:
        # Only the daemon asks, and as it starts. It does not ask the launcher for anything before
        # there is a run to launch, or one that has reported.
        if self.has_instance and isinstance(self._instance.run_launcher, LooksAfterRuns):
            self._instance.run_launcher.daemon_started()
        seconds: int = super().dequeue_interval_seconds
        return seconds

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        run = context.dagster_run
        # A run that is started again keeps its turn.
        if PRIORITY_TAG not in run.tags:
            due = round(time.time()) + delay_of(run, self.turns)
            self._instance.add_run_tags(run.run_id, {PRIORITY_TAG: str(-due)})
        return super().submit_run(context)


def delay_of(run: DagsterRun, turns: Mapping[str, int]) -> int:
    """Seconds by which a run is due later than the first of its batch."""
    places = ((run.tags.get(tag, ""), seconds) for tag, seconds in turns.items())
    return sum(int(place) * seconds for place, seconds in places if place.isdecimal())
