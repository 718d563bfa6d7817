"""The double itself: it takes, places and refuses as Kubernetes does."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline_kit_tests.cluster.control_plane import Cluster
from pipeline_kit_tests.cluster.manifests import problem_of
from pipeline_kit_tests.cluster.scheduler import Node, why_not
from pipeline_kit_tests.waiting import wait_for

TOLERATIONS = [{"key": "nvidia.com/gpu", "operator": "Exists"}]
SPOT = {"key": "kubernetes.azure.com/scalesetpriority", "operator": "Equal", "value": "spot"}
GPU_NODE = Node(
    "gpu",
    gpus=1,
    labels={"pool": "gpu"},
    taints=tuple(
        {"key": key, "value": value, "effect": "NoSchedule"}
        for key, value in ((SPOT["key"], "spot"), ("nvidia.com/gpu", "present"))
    ),
)


def spec_of(program: str = "", *, gpus: int = 0, **spec: Any) -> dict[str, Any]:
    limits = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    container = {
        "name": "main",
        "image": "image",
        "args": [sys.executable, "-c", program],
        "resources": {"limits": limits},
        "volumeMounts": [],
    }
    return {"restartPolicy": "Never", "containers": [container], **spec}


def manifest(program: str = "", *, job: dict[str, Any] | None = None, **spec: Any) -> Any:
    template = {"metadata": {"labels": {"dagster/run-id": "1"}}, "spec": spec_of(program, **spec)}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "job"},
        "spec": {"backoffLimit": 0, **(job or {}), "template": template},
    }


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"gpus": 1, "tolerations": [*TOLERATIONS, SPOT]}, ""),
        ({"gpus": 2, "tolerations": [*TOLERATIONS, SPOT]}, "Insufficient nvidia.com/gpu"),
        ({"gpus": 1, "tolerations": TOLERATIONS}, "untolerated taint"),
        ({"gpus": 1, "tolerations": [SPOT]}, "untolerated taint"),
        ({"tolerations": [*TOLERATIONS, SPOT], "nodeSelector": {"a": "b"}}, "node affinity"),
    ],
)
def test_a_node_takes_what_fits_it_and_bears_its_taints(spec: dict[str, Any], reason: str) -> None:
    found = why_not(spec_of(**spec), GPU_NODE, gpus_free=1)
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({}, ""),
        ({"nodeSelektor": {}}, "nodeSelektor"),
        ({"tolerations": [{"key": 1}]}, "is not of type"),
        ({"volumes": [{"name": "a", "emptyDir": {}}] * 2}, "names of their own"),
        ({"volumes": [{"name": "a", "emptyDir": {}}]}, "should be of volumes"),
    ],
)
def test_a_manifest_that_kubernetes_does_not_know_is_refused(
    spec: dict[str, Any], problem: str
) -> None:
    found = problem_of(manifest(**spec))
    assert problem in found
    assert bool(found) == bool(problem)


def reconcile_until(cluster: Cluster, seen: Callable[[], bool]) -> None:
    def poll() -> bool:
        cluster.reconcile()
        return seen()

    wait_for("the cluster to do its work", poll)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    cluster = Cluster(tmp_path, {})
    cluster.add_node(Node("cpu-0"))
    return cluster


@pytest.mark.parametrize(
    ("program", "phase", "counts"),
    [("pass", "Succeeded", (1, 0)), ("raise SystemExit(3)", "Failed", (0, 1))],
)
def test_a_pod_ends_as_its_process_does(
    cluster: Cluster, program: str, phase: str, counts: tuple[int, int]
) -> None:
    job = cluster.create_job(manifest(program))
    (pod,) = cluster.pods()
    reconcile_until(cluster, lambda: pod.ended)
    assert (pod.phase, job.succeeded, job.failed) == (phase, *counts)
    assert cluster.pods() == [pod], "it is not tried again"


def test_a_job_has_no_more_time_than_its_deadline(cluster: Cluster) -> None:
    job = cluster.create_job(
        manifest("import time; time.sleep(60)", job={"activeDeadlineSeconds": 0.2})
    )
    (pod,) = cluster.pods()
    reconcile_until(cluster, lambda: pod.ended)
    assert job.reason == "DeadlineExceeded"
    assert pod.deleted


def test_what_shrugs_off_sigterm_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    program = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(tmp_path / 'ready')!r}).touch(); time.sleep(60)"
    )
    cluster.create_job(manifest(program, terminationGracePeriodSeconds=0))
    cluster.reconcile()
    (pod,) = cluster.pods()
    wait_for("the program", (tmp_path / "ready").exists)
    cluster.delete_job("job")
    reconcile_until(cluster, lambda: pod.ended)
    assert pod.process
    assert pod.process.returncode == -9
    assert not cluster.pods()


def test_a_job_is_removed_when_its_time_to_live_is_over(cluster: Cluster) -> None:
    cluster.create_job(manifest("pass", job={"ttlSecondsAfterFinished": 0}))
    reconcile_until(cluster, lambda: not cluster.jobs)
    assert not cluster.pods()
