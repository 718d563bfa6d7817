"""What the launcher asks the cluster for, and what it leaves there. No container is run."""

import time
from typing import Any

import dagster as dg
import pytest
from dagster._core.launcher import LaunchRunContext
from dagster._daemon.monitoring.run_monitoring import (
    monitor_canceling_run,
    monitor_started_run,
    monitor_starting_run,
)
from dagster_k8s import K8sRunLauncher
from dagster_k8s.client import DagsterK8sUnrecoverableAPIError
from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

from pipeline_kit.execution.starting import JOB_WAS_CREATED
from pipeline_kit.orchestration.dagster_private import DagsterUserCodeUnreachableError
from pipeline_kit_tests.cluster.control_plane import SILENT, Cluster
from pipeline_kit_tests.cluster.scheduler import Manifest
from pipeline_kit_tests.execution.conftest import Refuse
from pipeline_kit_tests.execution.runs import DEFS, new_run


def launch(
    instance: dg.DagsterInstance, *assets: str, tags: Any = None, code_server: Any = None
) -> dg.DagsterRun:
    run = new_run(instance, DEFS, *assets, tags=tags, k8s=code_server or {})
    instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    return run


def pod_spec(cluster: Cluster) -> Manifest:
    """What the only pod asks for, as the API server took it, which checks strictly."""
    (pod,) = cluster.pods()
    return pod.spec


def container(cluster: Cluster) -> Manifest:
    (pod,) = cluster.pods()
    return pod.container


@pytest.mark.parametrize("asset", ["on_cpu", "on_gpu"])
def test_a_pod_has_what_the_step_asks_for(
    cluster: Cluster, instance: dg.DagsterInstance, asset: str
) -> None:
    launch(instance, asset)
    spec, resources = pod_spec(cluster), container(cluster)["resources"]
    gpus = {"nvidia.com/gpu": "1"} if asset == "on_gpu" else {}
    memory = "12Gi" if gpus else "4Gi"
    assert resources["limits"] == {"memory": memory, "ephemeral-storage": "16Gi", **gpus}
    assert spec.get("nodeSelector", {}) == ({"pool": "gpu"} if gpus else {})
    assert {"name": "scratch", "emptyDir": {"sizeLimit": "16Gi"}} in spec["volumes"]
    assert {"name": "scratch", "mountPath": "/scratch"} in container(cluster)["volumeMounts"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["restartPolicy"] == "Never"


def test_a_run_of_several_assets_has_the_gpu_that_one_of_them_needs(
    cluster: Cluster, instance: dg.DagsterInstance
) -> None:
    launch(instance, "on_gpu", "on_cpu")
    assert container(cluster)["resources"]["limits"]["nvidia.com/gpu"] == "1"


def test_assets_replace_what_the_code_server_has_for_itself_and_keep_the_rest(
    cluster: Cluster, instance: dg.DagsterInstance
) -> None:
    code_server = {
        "labels": {"azure.workload.identity/use": "true"},
        "env_config_maps": ["settings"],
        "resources": {"limits": {"memory": "2Gi"}, "requests": {"cpu": "250m"}},
        "volumes": [{"name": "scratch", "emptyDir": {}}],
        "volume_mounts": [{"name": "scratch", "mountPath": "/scratch"}],
    }
    launch(instance, "on_cpu", code_server=code_server)
    assert container(cluster)["resources"]["limits"]["memory"] == "4Gi"
    assert {"configMapRef": {"name": "settings"}} in container(cluster)["envFrom"]
    (pod,) = cluster.pods()
    assert pod.labels["azure.workload.identity/use"] == "true"


def test_what_the_launchpad_says_goes_before_all(
    cluster: Cluster, instance: dg.DagsterInstance
) -> None:
    asked = '{"container_config": {"resources": {"limits": {"memory": "64Gi"}}}}'
    launch(instance, "on_gpu", tags={"dagster-k8s/config": asked})
    limits = container(cluster)["resources"]["limits"]
    assert (limits["memory"], limits["nvidia.com/gpu"]) == ("64Gi", "1")


def test_kubernetes_ends_what_nobody_watches(
    cluster: Cluster, instance: dg.DagsterInstance
) -> None:
    launch(instance, "on_gpu")
    (job,) = cluster.jobs.values()
    assert job.spec["activeDeadlineSeconds"] == 600 + 3600
    assert job.spec["backoffLimit"] == 0
    assert job.spec["ttlSecondsAfterFinished"]


def later(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
    module = "dagster._daemon.monitoring.run_monitoring"
    now = time.time() + seconds
    monkeypatch.setattr(f"{module}.get_current_timestamp", lambda: now)
    monkeypatch.setattr(f"{module}.time.time", lambda: now)


def test_a_run_that_waits_for_a_node_in_vain_leaves_no_job(
    cluster: Cluster, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = launch(instance, "on_gpu")
    cluster.reconcile()
    record = instance.get_run_record_by_id(run.run_id)
    assert record
    instance.report_dagster_event(
        dg.DagsterEvent("PIPELINE_STARTING", job_name=run.job_name), run_id=run.run_id
    )
    logger: Any = dg.get_dagster_logger()

    monitor_starting_run(instance, record, logger)
    assert cluster.jobs, "it may wait for ten minutes"

    later(monkeypatch, seconds=601)
    monitor_starting_run(instance, record, logger)
    after = instance.get_run_by_id(run.run_id)
    assert after
    assert after.status == dg.DagsterRunStatus.FAILURE
    assert not cluster.jobs
    assert not cluster.pods()
    (told,) = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert "longer than 600 seconds to start" in told.message
    assert "FailedScheduling: 0/0 nodes are available" in told.message


def test_a_run_that_did_not_end_when_told_to_leaves_no_job(
    cluster: Cluster, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = launch(instance, "on_gpu")
    instance.report_run_canceling(run)
    later(monkeypatch, seconds=61)
    record = instance.get_run_record_by_id(run.run_id)
    assert record
    logger: Any = dg.get_dagster_logger()
    monitor_canceling_run(instance, record, logger)
    after = instance.get_run_by_id(run.run_id)
    assert after
    assert after.status == dg.DagsterRunStatus.CANCELED
    assert not cluster.jobs


def test_a_job_is_removed_even_if_nobody_knows_why_its_run_did_not_start(
    cluster: Cluster, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = launch(instance, "on_gpu")

    def forbidden(*_: object) -> None:
        raise PermissionError("events are not for you")

    monkeypatch.setattr(K8sRunLauncher, "get_run_worker_debug_info", forbidden)
    with pytest.raises(PermissionError):
        instance.run_launcher.get_run_worker_debug_info(run)
    assert not cluster.jobs


def checked(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    """What Dagster's monitoring makes of a run that has reported."""
    record = instance.get_run_record_by_id(run.run_id)
    assert record
    workspace: Any = None
    logger: Any = dg.get_dagster_logger()
    monitor_started_run(instance, workspace, record, logger)
    after = instance.get_run_by_id(run.run_id)
    assert after
    return after.status


def started(instance: dg.DagsterInstance) -> dg.DagsterRun:
    run = launch(instance, "on_gpu")
    instance.report_dagster_event(
        dg.DagsterEvent("PIPELINE_START", job_name=run.job_name), run_id=run.run_id
    )
    return run


REFUSALS = [SILENT, 401, 429, 503]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_run_goes_on_while_the_cluster_does_not_answer(
    instance: dg.DagsterInstance, refuse: Refuse, refusal: int
) -> None:
    run = started(instance)
    assert checked(instance, run) is dg.DagsterRunStatus.STARTED
    refuse(refusal)
    with pytest.raises((ApiException, HTTPError)):
        checked(instance, run)
    refuse(0)
    assert checked(instance, run) is dg.DagsterRunStatus.STARTED


@pytest.mark.parametrize("harm", ["job", "pod"])
def test_a_run_whose_job_or_pod_is_gone_is_failed(
    cluster: Cluster, instance: dg.DagsterInstance, harm: str
) -> None:
    run = started(instance)
    (pod,) = cluster.pods()
    if harm == "job":
        cluster.delete_job(pod.job)
    else:
        cluster.delete_pod(pod)
        cluster.reconcile()
    assert checked(instance, run) is dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_run_is_given_back_to_the_queue_while_the_cluster_does_not_answer(
    instance: dg.DagsterInstance, refuse: Refuse, refusal: int
) -> None:
    refuse(refusal)
    with pytest.raises(DagsterUserCodeUnreachableError, match="API does not answer"):
        launch(instance, "on_gpu")


@pytest.mark.parametrize("refusal", [403, 422])
def test_a_job_that_the_cluster_does_not_want_is_no_reason_to_wait(
    instance: dg.DagsterInstance, refuse: Refuse, refusal: int
) -> None:
    refuse(refusal)
    with pytest.raises(DagsterK8sUnrecoverableAPIError):
        launch(instance, "on_gpu")


def test_a_job_that_was_made_although_nothing_answered_is_not_asked_for_twice(
    cluster: Cluster, instance: dg.DagsterInstance
) -> None:
    run = launch(instance, "on_gpu")
    instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    assert len(cluster.jobs) == 1
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    assert events[-1].message.endswith(JOB_WAS_CREATED)
