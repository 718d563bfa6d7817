"""Runs whose pod is lost before their process reports. No container is run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.launcher import LaunchRunContext
from dagster._core.storage.tags import WILL_RETRY_TAG
from kubernetes.client import V1JobCondition, V1JobStatus, V1ObjectMeta, V1Pod, V1PodStatus

from pipeline_kit.execution import starting
from pipeline_kit.execution.pod_launcher import PodRunLauncher
from pipeline_kit.execution.starting import fail_lost_runs, why_lost
from pipeline_kit_tests.cluster.api_server import serving
from pipeline_kit_tests.cluster.control_plane import Cluster
from pipeline_kit_tests.cluster.objects import NAMESPACE
from pipeline_kit_tests.execution.runs import DEFS, new_run
from pipeline_kit_tests.waiting import wait_for

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
ACTIVE = V1JobStatus(active=1)


def pod(phase: str, *, reason: str | None = None, ends_in: int | None = None) -> V1Pod:
    until = None if ends_in is None else NOW + timedelta(seconds=ends_in)
    return V1Pod(
        metadata=V1ObjectMeta(deletion_timestamp=until),
        status=V1PodStatus(phase=phase, reason=reason),
    )


def failed(reason: str) -> V1JobCondition:
    return V1JobCondition(type="Failed", status="True", reason=reason)


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
        (ACTIVE, [pod("Running", ends_in=-1)], "its pod is gone: it was to end"),
        # What may still start.
        (V1JobStatus(), [], None),
        (ACTIVE, [], None),
        (ACTIVE, [pod("Pending")], None),
        (ACTIVE, [pod("Running")], None),
        (ACTIVE, [pod("Unknown")], None),
        (ACTIVE, [pod("Running", ends_in=30)], None),
        (ACTIVE, [pod("Failed"), pod("Pending")], None),
    ],
)
def test_a_run_is_lost_if_nothing_is_there_that_could_start_it(
    job: V1JobStatus | None, pods: list[V1Pod], why: str | None
) -> None:
    assert why_lost(job, pods, now=NOW) == why


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """It has no nodes."""
    cluster = Cluster(tmp_path / "pods", {})
    with serving(cluster, tmp_path / "kubeconfig"):
        yield cluster


@pytest.fixture
def instance(cluster: Cluster, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    launcher = {
        "module": "pipeline_kit.execution.pod_launcher",
        "class": "PodRunLauncher",
        "config": {
            "load_incluster_config": False,
            "kubeconfig_file": str(tmp_path / "kubeconfig"),
            "job_namespace": NAMESPACE,
            "service_account_name": "services",
            "instance_config_map": "dagster-instance",
            "dagster_home": "/opt/dagster",
        },
    }
    queue = {"module": "pipeline_kit.execution.queue", "class": "FairRunCoordinator"}
    retries = {"enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": False}
    with dg.instance_for_test(
        overrides={"run_launcher": launcher, "run_coordinator": queue, "run_retries": retries}
    ) as instance:
        yield instance


def launch(instance: dg.DagsterInstance) -> str:
    run = new_run(instance, DEFS, "on_cpu", k8s={})
    instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    return run.run_id


def lost(instance: dg.DagsterInstance) -> list[str]:
    launcher = instance.run_launcher
    assert isinstance(launcher, PodRunLauncher)
    return fail_lost_runs(instance, launcher)


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


def test_a_run_whose_job_is_only_being_made_is_left_alone(instance: dg.DagsterInstance) -> None:
    new_run(instance, DEFS, "on_cpu", k8s={})
    assert lost(instance) == []


def test_a_cluster_that_does_not_answer_loses_nothing(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(instance)

    def refused(*_: object) -> None:
        raise ConnectionError("the API server is away")

    monkeypatch.setattr(PodRunLauncher, "job_and_pods", refused)
    assert lost(instance) == []


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
