"""What the launcher asks the cluster for, and what it leaves there. No container is run."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.launcher import LaunchRunContext
from dagster._daemon.monitoring.run_monitoring import monitor_canceling_run, monitor_starting_run
from dagster_k8s import K8sRunLauncher

from pipeline_kit_tests.cluster.api_server import serving
from pipeline_kit_tests.cluster.control_plane import Cluster
from pipeline_kit_tests.cluster.objects import NAMESPACE
from pipeline_kit_tests.cluster.scheduler import Manifest
from pipeline_kit_tests.execution.runs import DEFS, new_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder / "pods", {})
    with serving(cluster, folder / "kubeconfig"):
        yield cluster


@pytest.fixture
def cluster(served: Cluster) -> Cluster:
    """It has no nodes, and no Jobs but those of the test."""
    served.jobs.clear()
    served.history.clear()
    return served


@pytest.fixture(scope="module")
def instance(served: Cluster, folder: Path) -> Iterator[dg.DagsterInstance]:
    config = {
        "load_incluster_config": False,
        "kubeconfig_file": str(folder / "kubeconfig"),
        "job_namespace": NAMESPACE,
        "service_account_name": "services",
        "instance_config_map": "dagster-instance",
        "dagster_home": "/opt/dagster",
    }
    launcher = {"module": "pipeline_kit.execution.pod_launcher", "class": "PodRunLauncher"}
    overrides = {
        "run_launcher": {**launcher, "config": config},
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": 600,
            "max_runtime_seconds": 3600,
            "cancel_timeout_seconds": 60,
        },
    }
    with dg.instance_for_test(overrides=overrides) as instance:
        yield instance


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
