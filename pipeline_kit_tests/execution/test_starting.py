"""Runs whose pod is lost before their process reports. No container is run."""

import time
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
from dagster._core.launcher import LaunchRunContext
from dagster._core.storage.tags import WILL_RETRY_TAG
from dagster_k8s import K8sRunLauncher
from kubernetes.client import V1JobCondition, V1JobStatus, V1ObjectMeta, V1Pod, V1PodStatus

from pipeline_kit.execution import starting
from pipeline_kit.execution.pod_launcher import PodRunLauncher
from pipeline_kit.execution.starting import fail_lost_runs, why_lost
from pipeline_kit_tests.cluster.control_plane import SILENT, Cluster
from pipeline_kit_tests.execution.conftest import Refuse
from pipeline_kit_tests.execution.runs import DEFS, new_run
from pipeline_kit_tests.waiting import wait_for

ACTIVE = V1JobStatus(active=1)


def pod(phase: str, *, reason: str | None = None, deleted: datetime | None = None) -> V1Pod:
    return V1Pod(
        metadata=V1ObjectMeta(deletion_timestamp=deleted),
        status=V1PodStatus(phase=phase, reason=reason),
    )


def failed(reason: str, *, status: str = "True") -> V1JobCondition:
    return V1JobCondition(type="Failed", status=status, reason=reason)


LONG_AGO, MUCH_LATER = datetime(2001, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
"""Times by clocks that are wrong."""


@pytest.mark.parametrize(
    ("job", "pods", "why"),
    [
        (None, [], "its Job is gone"),
        (V1JobStatus(failed=1), [], "its Job ended"),
        (V1JobStatus(succeeded=1), [pod("Succeeded")], "its Job ended"),
        (
            V1JobStatus(failed=1, conditions=[failed("BackoffLimitExceeded")]),
            [],
            "its Job failed: BackoffLimitExceeded",
        ),
        (ACTIVE, [pod("Failed", reason="Evicted")], "its pod is gone: Evicted"),
        (ACTIVE, [pod("Failed")], "its pod is gone: Failed"),
        (ACTIVE, [pod("Running", deleted=LONG_AGO)], "its pod is gone: deleted"),
        (ACTIVE, [pod("Running", deleted=MUCH_LATER)], "its pod is gone: deleted"),
        (ACTIVE, [pod("Pending", deleted=LONG_AGO)], "its pod is gone: deleted"),
        # What may still start.
        (V1JobStatus(), [], None),
        (ACTIVE, [], None),
        (ACTIVE, [pod("Pending")], None),
        (ACTIVE, [pod("Running")], None),
        (ACTIVE, [pod("Unknown")], None),
        (V1JobStatus(active=1, conditions=[failed("Never", status="False")]), [], None),
        (ACTIVE, [pod("Failed"), pod("Pending")], None),
    ],
)
def test_a_run_is_lost_if_nothing_is_there_that_could_start_it(
    job: V1JobStatus | None, pods: list[V1Pod], why: str | None
) -> None:
    assert why_lost(job, pods) == why


def launch(instance: dg.DagsterInstance) -> str:
    run = new_run(instance, DEFS, "on_cpu", k8s={})
    instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    return run.run_id


def lost(instance: dg.DagsterInstance, *, launched_since: float = 0) -> list[str]:
    launcher = instance.run_launcher
    assert isinstance(launcher, PodRunLauncher)
    return fail_lost_runs(instance, launcher, launched_since=launched_since)


def delete_the_pod(cluster: Cluster) -> None:
    cluster.delete_pod(cluster.pods()[0])


def delete_the_job(cluster: Cluster) -> None:
    cluster.delete_job(next(iter(cluster.jobs)))


@pytest.mark.parametrize("harm", [delete_the_pod, delete_the_job])
def test_a_run_that_waits_for_a_node_is_left_alone_and_one_that_is_lost_is_tried_again(
    cluster: Cluster, instance: dg.DagsterInstance, harm: Any
) -> None:
    run_id = launch(instance)
    cluster.reconcile()
    assert lost(instance) == []
    harm(cluster)
    cluster.reconcile()
    assert lost(instance) == [run_id]
    run = instance.get_run_by_id(run_id)
    assert run
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert run.tags[WILL_RETRY_TAG] == "true"
    assert not cluster.jobs
    assert lost(instance) == []


def launching(instance: dg.DagsterInstance) -> str:
    """A run as the queue leaves it before the launcher has created a Job."""
    run = new_run(instance, DEFS, "on_cpu", k8s={})
    instance.report_dagster_event(
        dg.DagsterEvent("PIPELINE_STARTING", job_name=run.job_name), run_id=run.run_id
    )
    return run.run_id


def test_a_run_whose_job_is_only_being_made_is_left_alone(instance: dg.DagsterInstance) -> None:
    began = time.time()
    launching(instance)
    assert lost(instance) == []
    assert lost(instance, launched_since=began) == []


def test_a_run_that_a_daemon_was_launching_which_died_is_tried_again(
    instance: dg.DagsterInstance,
) -> None:
    run_id = launching(instance)
    assert lost(instance, launched_since=time.time()) == [run_id]


@pytest.mark.parametrize("refusal", [SILENT, 503])
def test_a_cluster_that_does_not_answer_loses_nothing_and_is_asked_again(
    cluster: Cluster, instance: dg.DagsterInstance, refuse: Refuse, refusal: int
) -> None:
    run_id = launch(instance)
    refuse(refusal)
    assert lost(instance) == []
    refuse(0)
    delete_the_pod(cluster)
    cluster.reconcile()
    assert lost(instance) == [run_id]


def test_a_run_is_failed_even_if_nothing_more_is_known_of_its_pod(
    cluster: Cluster, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = launch(instance)
    delete_the_pod(cluster)
    cluster.reconcile()

    def forbidden(*_: object) -> None:
        raise PermissionError("events are not for you")

    monkeypatch.setattr(K8sRunLauncher, "get_run_worker_debug_info", forbidden)
    assert lost(instance) == [run_id]


def test_the_daemon_polls_from_when_it_starts(
    cluster: Cluster, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "POLL_SECONDS", 0.05)
    run_id = launch(instance)
    delete_the_pod(cluster)
    cluster.reconcile()
    assert instance.run_coordinator.dequeue_interval_seconds  # type: ignore[attr-defined]

    def has_failed() -> bool:
        run = instance.get_run_by_id(run_id)
        return run is not None and run.status is dg.DagsterRunStatus.FAILURE

    wait_for("the run to be failed", has_failed, seconds=20, every=0.05)
