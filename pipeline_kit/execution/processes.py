"""The processes that runs are on a single machine."""

import psutil
from dagster import DagsterEventType, DagsterRun, DefaultRunLauncher

from pipeline_kit.orchestration.dagster_private import CheckRunHealthResult, WorkerStatus

CLOCKS_DIFFER = 1.0
"""Seconds by which a process may seem to have begun after it said so."""


class ProcessRunLauncher(DefaultRunLauncher):
    """Dagster's launcher of local processes, which also checks whether they are alive.

    A run is watched by the code server that started it. Where both are gone, as after the machine
    was switched off, Dagster would hold the run to be under way until it may take no longer. It is
    for a daemon that sees the runs' processes, not for one in a container of its own.
    """

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        # More than one where a code server died that had just started it: it was asked for again.
        processes: dict[int, float] = {}
        for event in self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT):
            if pid := event.get_dagster_event().engine_event_data.metadata.get("pid"):
                processes.setdefault(int(str(pid.value)), event.timestamp)
        if not processes or any(_is_there(pid, since) for pid, since in processes.items()):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        pids = ", ".join(map(str, processes))
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, f"process {pids} is gone")


def _is_there(pid: int, since: float) -> bool:
    """Whether it is the process that ran under this number then, and no later one."""
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        began: float = process.create_time()
        return not ended and began <= since + CLOCKS_DIFFER
    except psutil.NoSuchProcess:
        return False
