"""An instance that launches runs as pods, in a double of a cluster; one for each file of tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipeline_kit.execution import impatient_client
from pipeline_kit_tests.cluster.api_server import serving
from pipeline_kit_tests.cluster.control_plane import SILENT, Cluster
from pipeline_kit_tests.cluster.objects import NAMESPACE

Refuse = Callable[[int], None]


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def _served(_folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(_folder / "pods", {})
    with serving(cluster, _folder / "kubeconfig"):
        yield cluster


@pytest.fixture(scope="module")
def _instance(_served: Cluster, _folder: Path) -> Iterator[dg.DagsterInstance]:
    launcher = {
        "module": "pipeline_kit.execution.pod_launcher",
        "class": "PodRunLauncher",
        "config": {
            "load_incluster_config": False,
            "kubeconfig_file": str(_folder / "kubeconfig"),
            "job_namespace": NAMESPACE,
            "service_account_name": "services",
            "instance_config_map": "dagster-instance",
            "dagster_home": "/opt/dagster",
        },
    }
    overrides = {
        "run_launcher": launcher,
        "run_coordinator": {
            "module": "pipeline_kit.execution.queue",
            "class": "FairRunCoordinator",
        },
        "run_retries": {"enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": False},
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": 600,
            "max_runtime_seconds": 3600,
            "cancel_timeout_seconds": 60,
        },
    }
    with dg.instance_for_test(overrides=overrides) as instance:
        yield instance


@pytest.fixture
def cluster(_served: Cluster) -> Cluster:
    """It has no nodes, and no Jobs but those of the test."""
    _served.jobs.clear()
    _served.history.clear()
    _served.refusal = 0
    return _served


@pytest.fixture
def instance(cluster: Cluster, _instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """It has no runs but those of the test."""
    for run in _instance.get_runs():
        _instance.delete_run(run.run_id)
    return _instance


@pytest.fixture
def refuse(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Has the cluster refuse all requests with that status from then on, or answer again with 0.

    Nobody waits then for what waits between tries.
    """

    def refuse(status: int) -> None:
        cluster.refusal = status
        if status == SILENT:  # a request that is answered may take longer
            monkeypatch.setattr(impatient_client, "PATIENCE", 0.1)
            monkeypatch.setattr("dagster_k8s.client.DEFAULT_JOB_CREATION_TIMEOUT", 0.1)
        if status:
            monkeypatch.setattr("dagster_k8s.client.time.sleep", lambda _: None)
        else:
            monkeypatch.undo()

    return refuse
