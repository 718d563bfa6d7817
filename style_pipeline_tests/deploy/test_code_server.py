"""The code servers as their containers run them, with a root that is read-only."""

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from style_pipeline_tests.dagster_dev import free_port
from style_pipeline_tests.deploy.container import Container, can_be_read_only
from style_pipeline_tests.deploy.instance import VALUES, dagster_yaml

CodeServer = dict[str, Any]
CODE_SERVERS: dict[str, CodeServer] = {
    each["name"]: each for each in VALUES["dagster-user-deployments"]["deployments"]
}
FIRST, *NEIGHBORS = CODE_SERVERS
STORES = ("media", "ops", "logs")

pytestmark = pytest.mark.skipif(not can_be_read_only(), reason="there are no mount namespaces")


@pytest.fixture
def container(tmp_path: Path) -> Container:
    container = Container(
        tmp_path,
        {
            **{
                f"{name.upper().replace('-', '_')}_{store.upper()}_URL": f"az://account/{store}"
                for name in CODE_SERVERS
                for store in STORES
            },
            "DAGSTER_CURRENT_IMAGE": "style-pipeline-cpu:tests",
            "DAGSTER_CLI_API_GRPC_CONTAINER_CONTEXT": '{"k8s": {}}',
        },
    )
    container.make()
    return container


def command(server: CodeServer, port: int) -> list[str]:
    """As in the chart's templates/deployment-user.yaml."""
    address = ["-h", "127.0.0.1", "-p", str(port)]
    return ["dagster", "api", "grpc", *address, *server["dagsterApiGrpcArgs"]]


def probe(container: Container, port: int, *, within: float) -> bool:
    """As the kubelet does it."""
    check = container.command("dagster", "api", "grpc-health-check", "-p", str(port))
    try:
        done = subprocess.run(check, env=container.environment, capture_output=True, timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@pytest.mark.parametrize(
    "name", [FIRST, *(pytest.param(name, marks=pytest.mark.slow) for name in NEIGHBORS)]
)
def test_each_becomes_ready_within_its_probes_limits(container: Container, name: str) -> None:
    code_server = CODE_SERVERS[name]
    startup, readiness = code_server["startupProbe"], code_server["readinessProbe"]
    if code_server["includeInstance"]:
        (container.home / "dagster.yaml").write_text(dagster_yaml(container.scratch / "database"))
    port = free_port()
    until = time.monotonic() + startup["periodSeconds"] * startup["failureThreshold"]
    with container.running(command(code_server, port)) as (server, printed):
        while not probe(container, port, within=startup["timeoutSeconds"]):
            assert server.poll() is None, printed.read_text()
            assert time.monotonic() < until, printed.read_text()
        assert probe(container, port, within=readiness["timeoutSeconds"])
    assert not list(container.home.glob("[!d]*"))


def test_without_its_instance_s_settings_it_could_not_start(container: Container) -> None:
    """Dagster would keep its memory in DAGSTER_HOME: it is for this that they are mounted."""
    with container.running(command(CODE_SERVERS[FIRST], free_port())) as (server, printed):
        assert server.wait(60) != 0
        assert "Read-only file system" in printed.read_text()
