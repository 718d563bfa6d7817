"""Runs whose pod is lost before their process reports."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

POLL_SECONDS = 10
JOB_WAS_CREATED = "Kubernetes run worker job created"
"""What Dagster's launcher notes; before that there may be no Job yet."""

_FAILED = ("Failed", "True")

_LOG = logging.getLogger(__name__)


class Launcher(Protocol):
    """What is asked of the launcher about a run."""

    def job_and_pods(self, run: DagsterRun) -> tuple[Any, Sequence[Any]]:
        """A V1JobStatus, or None where there is no Job, and V1Pods."""

    def get_run_worker_debug_info(self, run: DagsterRun) -> str | None: ...


def why_over(job: Any) -> str | None:
    """Why a Job does nothing any more; None where it may. `job` is as for `why_lost`."""
    if job is None:
        return "its Job is gone"
    failed = [each for each in job.conditions or () if (each.type, each.status) == _FAILED]
    if failed:
        return f"its Job failed: {failed[0].reason}"
    if (job.failed or job.succeeded) and not job.active:
        return "its Job ended"
    return None


def why_lost(job: Any, pods: Sequence[Any]) -> str | None:
    """Why nothing will come of a run that has not reported yet; None where something may.

    `job` is its V1JobStatus, or None where its Job is gone. A pod that waits for a node, or for its
    image, goes on waiting.
    """
    if over := why_over(job):
        return over
    reasons = [_why_gone(pod) for pod in pods]
    if reasons and all(reasons):
        return f"its pod is gone: {', '.join(filter(None, reasons))}"
    return None


def _why_gone(pod: Any) -> str | None:
    if pod.status.phase in ("Failed", "Succeeded"):
        return str(pod.status.reason or pod.status.phase)
    # On a node that does not answer, a deleted pod stays until that node is known to be gone. When
    # its time to end is over depends on whose clock one asks; its work it will not get to do.
    return "deleted" if pod.metadata.deletion_timestamp else None


def fail_lost_runs(
    instance: DagsterInstance, launcher: Launcher, *, launched_since: float = 0
) -> list[str]:
    """Fail runs that will never start, so that they are started again; returns their ids.

    Dagster 1.13 checks the health of runs only once their process has reported. It noticed those
    at the start timeout, which is as long as a node may take to come. What was launched before
    `launched_since`, in seconds since the epoch, and has no Job, never gets one: who was about to
    create it is gone.
    """
    lost = []
    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTING])):
        try:
            why = why_lost(*launcher.job_and_pods(run))
            if why is None or _is_being_launched(instance, run, since=launched_since):
                continue
            now = instance.get_run_by_id(run.run_id)
            if now is None or now.status is not DagsterRunStatus.STARTING:
                continue  # it reported meanwhile
        except Exception:  # of the cluster's API or the database, which may answer the next time
            _LOG.exception("Cannot check run %s", run.run_id)
            continue
        message = f"The run did not start, as {why}."
        _LOG.warning("%s: %s", run.run_id, message)
        instance.report_run_failed(run, f"{message}\n{_details(launcher, run)}".strip())
        lost.append(run.run_id)
    return lost


def _is_being_launched(instance: DagsterInstance, run: DagsterRun, *, since: float) -> bool:
    events = instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
    if any(event.message.endswith(JOB_WAS_CREATED) for event in events):
        return False
    launched = instance.get_run_stats(run.run_id).launch_time
    return launched is None or launched >= since


def _details(launcher: Launcher, run: DagsterRun) -> str:
    try:
        return launcher.get_run_worker_debug_info(run) or ""
    except Exception:  # of what is only told: logs of a node that is gone, events that are not ours
        _LOG.exception("Cannot tell more of run %s", run.run_id)
        return ""


class Watch:
    """Fails lost runs every few seconds, in a thread, until it is stopped."""

    def __init__(self, instance: DagsterInstance, launcher: Launcher) -> None:
        self._instance, self._launcher = instance, launcher
        self._began = time.time()
        self._done = threading.Event()
        threading.Thread(target=self._poll, name="watch-starting-runs", daemon=True).start()

    def stop(self) -> None:
        self._done.set()

    def _poll(self) -> None:
        while not self._done.wait(POLL_SECONDS):
            try:
                fail_lost_runs(self._instance, self._launcher, launched_since=self._began)
            except Exception:
                _LOG.exception("Cannot check runs that do not start")
