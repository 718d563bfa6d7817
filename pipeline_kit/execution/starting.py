"""Runs whose pod is lost before their process reports."""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

POLL_SECONDS = 10
JOB_WAS_CREATED = "Kubernetes run worker job created"
"""What Dagster's launcher notes; before that there may be no Job yet."""

_LOG = logging.getLogger(__name__)


class Launcher(Protocol):
    """What is asked of the launcher about a run."""

    def job_and_pods(self, run: DagsterRun) -> tuple[Any, Sequence[Any]]:
        """A V1JobStatus, or None where there is no Job, and V1Pods."""

    def get_run_worker_debug_info(self, run: DagsterRun) -> str | None: ...


def why_lost(job: Any, pods: Sequence[Any], *, now: datetime) -> str | None:
    """Why nothing will come of a run that has not reported yet; None where something may.

    `job` is its V1JobStatus, or None where its Job is gone. A pod that waits for a node, or for its
    image, goes on waiting.
    """
    if job is None:
        return "its Job is gone"
    failed = [each for each in job.conditions or () if each.type == "Failed"]
    if failed:
        return f"its Job failed: {failed[0].reason}"
    if (job.failed or job.succeeded) and not job.active:
        return "its Job ended"
    reasons = [_why_gone(pod, now) for pod in pods]
    if reasons and all(reasons):
        return f"its pod is gone: {', '.join(filter(None, reasons))}"
    return None


def _why_gone(pod: Any, now: datetime) -> str | None:
    if pod.status.phase in ("Failed", "Succeeded"):
        return str(pod.status.reason or pod.status.phase)
    # Of a node that does not answer, the pod stays until that is known to be gone: this is when the
    # time is over in which it was to end.
    until: datetime | None = pod.metadata.deletion_timestamp
    return "it was to end" if until and until <= now else None


def fail_lost_runs(instance: DagsterInstance, launcher: Launcher) -> list[str]:
    """Fail runs that will never start, so that they are started again; returns their ids.

    Dagster 1.13 checks the health of runs only once their process has reported. It noticed those
    at the start timeout, which is as long as a node may take to come.
    """
    lost = []
    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTING])):
        try:
            job, pods = launcher.job_and_pods(run)
            why = why_lost(job, pods, now=datetime.now(UTC))
            if why is None or not _was_launched(instance, run):
                continue
            now = instance.get_run_by_id(run.run_id)
            if now is None or now.status is not DagsterRunStatus.STARTING:
                continue  # it reported meanwhile
            details = launcher.get_run_worker_debug_info(run)
        except Exception:  # of the cluster's API or the database, which may answer the next time
            _LOG.exception("Cannot check run %s", run.run_id)
            continue
        message = f"The run did not start, as {why}."
        _LOG.warning("%s: %s", run.run_id, message)
        instance.report_run_failed(run, f"{message}\n{details or ''}".strip())
        lost.append(run.run_id)
    return lost


def _was_launched(instance: DagsterInstance, run: DagsterRun) -> bool:
    events = instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
    return any(event.message.endswith(JOB_WAS_CREATED) for event in events)


class Watch:
    """Fails lost runs every few seconds, in a thread, until it is stopped."""

    def __init__(self, instance: DagsterInstance, launcher: Launcher) -> None:
        self._instance, self._launcher = instance, launcher
        self._done = threading.Event()
        threading.Thread(target=self._poll, name="watch-starting-runs", daemon=True).start()

    def stop(self) -> None:
        self._done.set()

    def _poll(self) -> None:
        while not self._done.wait(POLL_SECONDS):
            try:
                fail_lost_runs(self._instance, self._launcher)
            except Exception:
                _LOG.exception("Cannot check runs that do not start")
