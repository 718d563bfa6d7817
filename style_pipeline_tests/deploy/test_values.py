"""The values of Dagster's chart; docs/deployment.md says how they were rendered with it."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from style_pipeline import partitions
from style_pipeline.cluster.launcher import PodRunLauncher
from style_pipeline.cluster.logs import BlobLogs
from style_pipeline.cluster.pods import cpu_pod, gpu_pod
from style_pipeline.process.environment import PREFIX, BadSetting
from style_pipeline.resources.settings import resources
from style_pipeline.runs.queue import FairRunCoordinator
from style_pipeline_tests.dagster_dev import INSTANCE
from style_pipeline_tests.deploy.instance import VALUES, snake_case
from style_pipeline_tests.deploy.terraform import DEPLOY, TEXT, local_values

OBJECTS = (DEPLOY / "terraform" / "cluster.yaml.tftpl").read_text()
CODE_SERVER: dict[str, Any] = VALUES["dagster-user-deployments"]["deployments"][0]
LAUNCHER: dict[str, Any] = VALUES["runLauncher"]["config"]["customRunLauncher"]
LOGS: dict[str, Any] = VALUES["computeLogManager"]["config"]["customComputeLogManager"]
QUEUE: dict[str, Any] = VALUES["dagsterDaemon"]["runCoordinator"]["config"]["customRunCoordinator"]
PODS = {
    "web server": VALUES["dagsterWebserver"],
    "daemon": VALUES["dagsterDaemon"],
    "code server": CODE_SERVER,
}


@pytest.mark.parametrize(
    "context",
    [*(pod["securityContext"] for pod in PODS.values()), LAUNCHER["config"]["security_context"]],
)
def test_every_pod_is_restricted(context: dict[str, Any]) -> None:
    assert context["runAsNonRoot"] is True
    assert f"USER {context['runAsUser']}:" in (DEPLOY / "Dockerfile").read_text()
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}


def test_what_keeps_runs_alive_locally_is_set_here_as_well() -> None:
    daemon = VALUES["dagsterDaemon"]
    assert QUEUE["config"].keys() == INSTANCE["run_coordinator"]["config"].keys()
    assert snake_case(daemon["runRetries"]) == INSTANCE["run_retries"]
    assert snake_case(daemon["runMonitoring"]).keys() >= INSTANCE["run_monitoring"].keys()


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_every_pod_has_scratch_settings_an_identity_and_bounded_memory(pod: dict[str, Any]) -> None:
    scratch = [mount["name"] for mount in pod["volumeMounts"] if mount["mountPath"] == "/scratch"]
    assert scratch == [volume["name"] for volume in pod["volumes"] if "emptyDir" in volume]
    assert pod["envConfigMaps"] == [{"name": "style-pipeline-settings"}]
    assert pod["labels"] == {"azure.workload.identity/use": "true"}
    assert pod["resources"]["limits"]["memory"]


def test_the_webserver_listens_where_others_than_root_may() -> None:
    server = VALUES["dagsterWebserver"]
    assert server["service"]["port"] >= 1024
    assert server["readinessProbe"]["httpGet"]["port"] == server["service"]["port"]


def test_dagster_understands_how_runs_are_watched_retried_and_limited() -> None:
    daemon = VALUES["dagsterDaemon"]
    overrides = {
        "run_monitoring": snake_case(daemon["runMonitoring"]),
        "run_retries": snake_case(daemon["runRetries"]),
        "concurrency": snake_case(
            {k: v for k, v in VALUES["concurrency"].items() if k != "enabled"}
        ),
        "retention": snake_case({k: v for k, v in VALUES["retention"].items() if k != "enabled"}),
    }
    with dg.instance_for_test(overrides=overrides) as instance:
        assert instance.run_retries_max_retries == daemon["runRetries"]["maxRetries"]
        assert (
            instance.run_monitoring_start_timeout_seconds
            == daemon["runMonitoring"]["startTimeoutSeconds"]
        )


def test_the_default_is_as_many_chunks_at_a_time_as_there_are_gpu_nodes() -> None:
    default = re.search(r'variable "gpu_max_nodes" \{[^}]*default\s*=\s*(\d+)', TEXT)
    assert default
    assert VALUES["concurrency"]["pools"]["defaultLimit"] == int(default[1])


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr("kubernetes.config.load_incluster_config", lambda: None)
    monkeypatch.setenv(f"{PREFIX}LOGS_URL", "az://account/logs")
    overrides = {"run_launcher": LAUNCHER, "run_coordinator": QUEUE, "compute_logs": LOGS}
    with dg.instance_for_test(overrides=overrides) as instance:
        yield instance


def test_run_launcher_queue_and_logs_understand_their_config(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.run_launcher, PodRunLauncher)
    assert isinstance(instance.run_coordinator, FairRunCoordinator)
    assert isinstance(instance.compute_log_manager, BlobLogs)


def test_every_setting_that_is_set_is_read_by_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()

    class Recorder(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return default

    monkeypatch.setattr(
        "style_pipeline.process.environment.os", SimpleNamespace(environ=Recorder())
    )
    resources(), cpu_pod(), gpu_pod()
    with pytest.raises(BadSetting):
        BlobLogs()
    # Partitions are defined when they are imported.
    at_import = ("MAX_CHUNKS", "MIN_FRAMES", "POLL_SECONDS")
    read |= {PREFIX + name for name in at_import if hasattr(partitions, name)}
    assert set(re.findall(rf"{PREFIX}\w+", OBJECTS + TEXT + str(VALUES))) <= read


def test_service_accounts_are_those_that_identities_trust() -> None:
    services = "style-pipeline-services"
    assert VALUES["global"]["serviceAccountName"] == services
    assert VALUES["serviceAccount"] == {"create": False}
    assert '"services", "cpu", "gpu"' in local_values()["service_accounts"]


def test_the_namespace_lets_in_restricted_pods_alone() -> None:
    assert "pod-security.kubernetes.io/enforce: restricted" in OBJECTS


def test_no_secret_is_in_the_values() -> None:
    assert VALUES["generatePostgresqlPasswordSecret"] is False
    assert "postgresqlPassword" not in VALUES["postgresql"]
    assert not re.search(
        r"(password|token|key|secret)\w*: *['\"]?[\w+/=-]{8,}$", str(VALUES), re.I | re.M
    )
