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

POOL_TAG, TAKES_TAG = "pipeline_kit/pool", "pipeline_kit/takes"
"""Of runs of the pools that the settings name."""


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

    Of pools whose runs need the same machines, `pools` says what they take, which their runs are
    tagged with, so that a limit for that tag (`concurrency.runs.tag_concurrency_limits`) holds for
    all of them together; and by how many seconds the runs of a pool let others go first.
    """

    def __init__(
        self,
        *,
        turns: Mapping[str, int] | None = None,
        pools: Mapping[str, Mapping[str, Any]] | None = None,
        inst_data: ConfigurableClassData | None = None,
        **config: Any,
    ) -> None:
        super().__init__(inst_data=inst_data, **config)
        self.turns = dict(turns or {})
        self.pools = dict(pools or {})

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        description = "Tags with a run's place in its batch, and the seconds that a place is worth."
        places: Any = Map(str, int)  # type: ignore[no-untyped-call]
        of_pool = {"takes": Field(str, is_required=False), "later": Field(int, is_required=False)}
        pools: Any = Map(str, of_pool)  # type: ignore[no-untyped-call]
        inherited: Any = super().config_type()
        return {
            **inherited,
            "turns": Field(places, is_required=False, description=description),
            "pools": Field(
                pools,
                is_required=False,
                description=f"By pool, the value of its runs' tag {TAKES_TAG}, and the seconds by "
                "which they let others go first.",
            ),
        }

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
            tags = {PRIORITY_TAG: str(-due)}
            for pool in sorted(pools_of(run) & self.pools.keys()):
                settings = self.pools[pool]
                due += settings.get("later", 0)
                tags |= {PRIORITY_TAG: str(-due), POOL_TAG: pool}
                tags |= {TAKES_TAG: settings["takes"]} if "takes" in settings else {}
            self._instance.add_run_tags(run.run_id, tags)
        return super().submit_run(context)


def pools_of(run: DagsterRun) -> frozenset[str]:
    """The pools that the steps of a run are in."""
    found = run.run_op_concurrency
    return frozenset(found.all_pools or found.root_key_counts) if found else frozenset()


def delay_of(run: DagsterRun, turns: Mapping[str, int]) -> int:
    """Seconds by which a run is due later than the first of its batch."""
    places = ((run.tags.get(tag, ""), seconds) for tag, seconds in turns.items())
    return sum(int(place) * seconds for place, seconds in places if place.isdecimal())
