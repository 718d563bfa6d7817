"""The code server as its container runs it, with a root that is read-only."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from style_pipeline_tests.dagster_dev import free_port
from style_pipeline_tests.deploy.container import Container, can_be_read_only
from style_pipeline_tests.deploy.instance import VALUES, dagster_yaml

CODE_SERVER: dict[str, Any] = VALUES["dagster-user-deployments"]["deployments"][0]
STARTUP: dict[str, Any] = CODE_SERVER["startupProbe"]
READINESS: dict[str, Any] = CODE_SERVER["readinessProbe"]

pytestmark = pytest.mark.skipif(not can_be_read_only(), reason="there are no mount namespaces")


@pytest.fixture
def container(tmp_path: Path) -> Container:
    container = Container(
        tmp_path,
        {
            "STYLE_PIPELINE_MEDIA_URL": "az://account/media",
            "STYLE_PIPELINE_OPS_URL": "az://account/ops",
            "STYLE_PIPELINE_LOGS_URL": "az://account/logs",
            "DAGSTER_CURRENT_IMAGE": "style-pipeline-cpu:tests",
            "DAGSTER_CLI_API_GRPC_CONTAINER_CONTEXT": '{"k8s": {}}',
        },
    )
    container.make()
    return container


def code_server(port: int) -> list[str]:
    """As in the chart's templates/deployment-user.yaml."""
    address = ["-h", "127.0.0.1", "-p", str(port)]
    return ["dagster", "api", "grpc", *address, *CODE_SERVER["dagsterApiGrpcArgs"]]


def probe(container: Container, port: int, *, within: float) -> bool:
    """As the kubelet does it."""
    command = container.command("dagster", "api", "grpc-health-check", "-p", str(port))
    try:
        done = subprocess.run(
            command, env=container.environment, capture_output=True, timeout=within
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def test_it_becomes_ready_within_its_probes_limits(container: Container) -> None:
    if CODE_SERVER["includeInstance"]:
        (container.home / "dagster.yaml").write_text(dagster_yaml(container.scratch / "database"))
    port = free_port()
    until = time.monotonic() + STARTUP["periodSeconds"] * STARTUP["failureThreshold"]
    with container.running(code_server(port)) as (server, printed):
        while not probe(container, port, within=STARTUP["timeoutSeconds"]):
            assert server.poll() is None, printed.read_text()
            assert time.monotonic() < until, printed.read_text()
        assert probe(container, port, within=READINESS["timeoutSeconds"])
    assert not list(container.home.glob("[!d]*"))


def test_without_its_instance_s_settings_it_could_not_start(container: Container) -> None:
    """Dagster would keep its memory in DAGSTER_HOME: it is for this that they are mounted."""
    with container.running(code_server(free_port())) as (server, printed):
        assert server.wait(60) != 0
        assert "Read-only file system" in printed.read_text()
