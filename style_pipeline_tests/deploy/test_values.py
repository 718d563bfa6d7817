"""The values of Dagster's chart; docs/deployment.md says how they were rendered with it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import dagster as dg
import pytest

from pipeline_kit.execution.pod_launcher import PodRunLauncher
from pipeline_kit.execution.pod_logs import BlobLogs
from pipeline_kit.execution.queue import POOL_TAG, TAKES_TAG, FairRunCoordinator
from sensor_pipeline.settings import setting_names as sensor_setting_names
from style_pipeline.settings import PREFIX, setting_names
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
    "code server of sensors": VALUES["dagster-user-deployments"]["deployments"][1],
    "code server of FAQs": VALUES["dagster-user-deployments"]["deployments"][2],
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


def test_every_code_server_has_the_instance_s_settings_and_probes_with_the_time_they_take() -> None:
    """test_code_server.py starts the first of them."""
    first, *others = VALUES["dagster-user-deployments"]["deployments"]
    assert first["includeInstance"] is True
    assert others
    for server in others:
        for same in ("includeInstance", "startupProbe", "readinessProbe"):
            assert server[same] == first[same]
        assert "livenessProbe" not in server


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
    together, trainings = VALUES["concurrency"]["runs"]["tagConcurrencyLimits"]
    assert together == {"key": TAKES_TAG, "value": "gpu", "limit": int(default[1])}
    assert trainings == {"key": POOL_TAG, "value": "training", "limit": 1}
    pools = QUEUE["config"]["pools"]
    assert {pool: settings["takes"] for pool, settings in pools.items()} == {
        "gpu": "gpu",
        "training": "gpu",
    }


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


def test_every_setting_that_is_set_is_read_by_the_code() -> None:
    named = set(re.findall(rf"{PREFIX}\w+", OBJECTS + TEXT + str(VALUES)))
    set_here = {name for name in named if not name.endswith("_")}
    assert len(set_here) > 4
    assert set_here <= {*setting_names()}


def test_every_setting_of_sensors_that_is_set_is_read_by_the_code() -> None:
    set_here = set(re.findall(r"SENSOR_PIPELINE_\w+", OBJECTS + TEXT + str(VALUES)))
    named = {name for name in set_here if not name.endswith("_")}
    assert len(named) > 2
    assert named <= {*sensor_setting_names()}


def test_service_accounts_are_those_that_identities_trust() -> None:
    services = "style-pipeline-services"
    assert VALUES["global"]["serviceAccountName"] == services
    assert VALUES["serviceAccount"] == {"create": False}
    assert (
        '"services", "cpu", "gpu", "sensors", "faq", "scoring"'
        in local_values()["service_accounts"]
    )


def test_the_namespace_lets_in_restricted_pods_alone() -> None:
    assert "pod-security.kubernetes.io/enforce: restricted" in OBJECTS


NAMES_A_SECRET = re.compile(r"password|token|(?<!_)key$|_key|secret", re.I)
NAMES_NO_SECRET = {"postgresqlSecretName", "postgres_password_secret"}
"""They name the cluster's own object that holds it."""


def secrets_in(values: Any, name: Any = "") -> list[str]:
    """Names of all texts, numbers among them, that are called as secrets are."""
    if isinstance(values, dict):
        # An environment variable is called by what stands beside it.
        called = {"value": values.get("name", "value")}
        # A tag that is limited, and which entry of the cluster's own secret is meant.
        if {"key", "limit"} <= values.keys() or {"key", "name", "optional"} == values.keys():
            called["key"] = ""
        return [
            found
            for key, value in values.items()
            for found in secrets_in(value, called.get(key, key) if key != "name" else "")
        ]
    if isinstance(values, list):
        return [found for value in values for found in secrets_in(value, name)]
    is_secret = isinstance(values, str | int) and not isinstance(values, bool) and values != ""
    return [name] if is_secret and NAMES_A_SECRET.search(name) else []


def test_no_secret_is_in_the_values() -> None:
    assert VALUES["generatePostgresqlPasswordSecret"] is False
    assert set(secrets_in(VALUES)) == NAMES_NO_SECRET


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        (("postgresql",), {"postgresqlPassword": "hunter2"}),
        (
            ("dagsterWebserver",),
            {"env": [{"name": "OPS_SAS_TOKEN", "value": "sig"}]},
        ),
        (("dagsterDaemon",), {"env": {"STYLE_PIPELINE_MEDIA_ACCOUNT_KEY": "a+b/c=="}}),
        (("runLauncher", "config"), {"apiToken": 12345678}),
    ],
)
def test_a_secret_that_is_planted_in_the_values_is_found(
    place: tuple[str, ...], planted: dict[str, Any]
) -> None:
    values = deepcopy(VALUES)
    inner = values
    for name in place:
        inner = inner[name]
    inner |= planted
    assert len(secrets_in(values)) == len(secrets_in(VALUES)) + 1
