"""The storage, and what Dagster's chart has in pods, on this machine.

`dagster dev` would not do: it ends as a whole when its daemon does.
"""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil

from pipeline_kit_tests.azurite import ACCOUNT, ACCOUNT_KEY, AzureContainer, emulator_command
from pipeline_kit_tests.waiting import wait_for
from style_pipeline_tests.chaos.services import Service, kept_alive
from style_pipeline_tests.dagster_dev import DAGSTER, free_port, new_home

LOCATION = "style_pipeline.definitions"
QUICKER = {
    "run_monitoring": {
        "enabled": True,
        "start_timeout_seconds": 60,
        "poll_interval_seconds": 5,
    }
}


@dataclass(frozen=True)
class Premises:
    """All that runs, what Dagster remembers of it, and the containers that it works on."""

    environment: dict[str, str]
    services: dict[str, Service]
    ports: list[int]
    instance: dg.DagsterInstance
    media: AzureContainer
    ops: AzureContainer

    def workers(self) -> list[psutil.Process]:
        """The processes of runs, also of those whose code server is gone."""
        return [p for p in self.processes() if "multiprocessing.spawn" in _command_of(p)]

    def processes(self) -> list[psutil.Process]:
        home = self.environment["DAGSTER_HOME"]
        return [process for process in psutil.process_iter() if _home_of(process) == home]

    def all_is_there(self) -> bool:
        """Whether every service is up, and every part of the daemon that there is now at work."""
        beats = self.instance.get_daemon_heartbeats()
        return all(listens(port) for port in self.ports) and all(
            kind in beats and beats[kind].timestamp > self.services["daemon"].started
            for kind in self.instance.get_required_daemon_types()
        )


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _home_of(process: psutil.Process) -> str:
    try:
        return str(process.environ().get("DAGSTER_HOME", ""))
    except (psutil.Error, OSError):
        return ""


def _command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@contextmanager
def running_apart(folder: Path) -> Iterator[Premises]:
    """The project on an emulator's containers; what Dagster and storage remember is in `folder`."""
    storage, code = free_port(), free_port()
    endpoint = f"http://127.0.0.1:{storage}/{ACCOUNT}"
    media, ops = (AzureContainer(endpoint, name) for name in ("media", "ops"))
    settings = {"OMP_NUM_THREADS": "1"}
    for container in (media, ops):
        prefix = f"STYLE_PIPELINE_{container.name.upper()}"
        settings[f"{prefix}_URL"] = container.url
        settings[f"{prefix}_ENDPOINT"] = endpoint
        settings[f"{prefix}_ACCOUNT_KEY"] = ACCOUNT_KEY
    environment = new_home(folder, settings, instance=QUICKER)
    (folder / "workspace.yaml").write_text(
        json.dumps(
            {
                "load_from": [
                    {"grpc_server": {"host": "127.0.0.1", "port": code, "location_name": LOCATION}}
                ]
            }
        )
    )
    data = ["--location", str(folder / "storage"), "--blobPort", str(storage)]
    grpc = ["api", "grpc", "-h", "127.0.0.1", "-p", str(code), "-m", LOCATION]
    commands = {
        "storage": emulator_command(*data, preload=Path(__file__).with_name("durable.cjs")),
        "code server": [*DAGSTER, *grpc],
        "daemon": [sys.executable, "-m", "dagster._daemon", "run", "-w", "workspace.yaml"],
    }
    services = {
        name: Service(command, environment, folder / f"{name}.log")
        for name, command in commands.items()
    }
    instance = dg.DagsterInstance.from_config(environment["DAGSTER_HOME"])
    premises = Premises(environment, services, [storage, code], instance, media, ops)
    try:
        with instance, kept_alive(services):
            wait_for("the storage", lambda: listens(storage))
            for container in (media, ops):
                with container.client as client:
                    client.create_container()
            wait_for("Dagster", premises.all_is_there)
            yield premises
    finally:
        for process in premises.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
