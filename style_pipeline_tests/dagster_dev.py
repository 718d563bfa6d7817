"""`dagster dev` as a person starts it, run by the tests and asked through its GraphQL API."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_kit_tests.graphql import WebServer
from pipeline_kit_tests.waiting import wait_for

PROJECT = Path(__file__).parents[1]
INSTANCE: dict[str, Any] = yaml.safe_load((PROJECT / "deploy/local/dagster.yaml").read_text())
"""Settings of the instance of `make dev`."""
DAGSTER = [sys.executable, "-m", "dagster"]
CHUNKS = {"STYLE_PIPELINE_MAX_CHUNKS": "3", "STYLE_PIPELINE_MIN_FRAMES": "4"}


@dataclass(frozen=True)
class Run:
    """What the UI shows of a run."""

    run_id: str
    status: str
    assets: frozenset[str]
    partition: str


@dataclass(frozen=True)
class DagsterDev(WebServer):
    """A running code server, daemon and web server, and the folder they were started in."""

    folder: Path

    def runs(self) -> list[Run]:
        """Every run so far, oldest first."""
        data = self.ask(
            """{ runsOrError { ... on Runs { results {
                runId status tags { key value } assetSelection { path }
            } } } }"""
        )
        return [
            Run(
                run["runId"],
                run["status"],
                frozenset(asset["path"][-1] for asset in run["assetSelection"] or []),
                next((t["value"] for t in run["tags"] if t["key"] == "dagster/partition"), ""),
            )
            for run in reversed(data["runsOrError"]["results"])
        ]

    def messages(self, run_id: str) -> list[str]:
        """The log lines of a run."""
        data = self.ask(
            """query ($runId: ID!) { logsForRun(runId: $runId) { ... on EventConnection {
                events { ... on MessageEvent { message } }
            } } }""",
            runId=run_id,
        )
        return [event["message"] for event in data["logsForRun"]["events"]]

    def kill(self, run: Run) -> None:
        """End a run's process as a lost node does."""
        os.kill(self._process_of(run), signal.SIGKILL)

    @contextmanager
    def held(self, run: Run) -> Iterator[None]:
        """Have a run's process stand still, so that it does not end meanwhile."""
        process = self._process_of(run)
        wait_for("the process to write nothing", lambda: stopped(process), every=0.02)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def _process_of(self, run: Run) -> int:
        started = re.search(r"\(pid: (\d+)\)", "\n".join(self.messages(run.run_id)))
        assert started, "the run has no process"
        return int(started[1])

    def cancel(self, run: Run) -> None:
        """What the UI's Terminate button does."""
        data = self.ask(
            "mutation ($runId: String!) { terminateRun(runId: $runId) { __typename } }",
            runId=run.run_id,
        )
        assert data["terminateRun"]["__typename"] == "TerminateRunSuccess", data

    def backfill(self, asset: str, *partitions: str) -> None:
        """What the UI's dialog for missing partitions does."""
        data = self.ask(
            """mutation ($params: LaunchBackfillParams!) {
                launchPartitionBackfill(backfillParams: $params) { __typename }
            }""",
            params={"assetSelection": [{"path": [asset]}], "partitionNames": list(partitions)},
        )
        assert data["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", data

    def command(self, *words: str) -> str:
        """What `style-pipeline` prints to a person in the folder where `make dev` runs."""
        return subprocess.run(
            [sys.executable, "-m", "style_pipeline.cli", *words],
            cwd=self.folder,
            env={**os.environ, **CHUNKS, "DAGSTER_HOME": str(self.folder / "home")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def observations(self, asset: str) -> list[str]:
        """What was noted about an asset, the latest first."""
        data = self.ask(
            """query ($key: AssetKeyInput!) { assetOrError(assetKey: $key) { ... on Asset {
                assetObservations(limit: 100) { description }
            } } }""",
            key={"path": [asset]},
        )
        return [
            event["description"] or ""
            for event in data["assetOrError"].get("assetObservations", [])
        ]

    def is_stale(self, asset: str, partition: str) -> bool:
        """Whether the UI shows a partition as out of date."""
        data = self.ask(
            """query ($key: AssetKeyInput!, $partition: String!) {
                assetNodeOrError(assetKey: $key) { ... on AssetNode {
                    staleStatus(partition: $partition)
                } }
            }""",
            key={"path": [asset]},
            partition=partition,
        )
        return bool(data["assetNodeOrError"]["staleStatus"] == "STALE")

    def ticks(self, sensor: str) -> list[float]:
        """When a sensor looked and had done so, the latest first."""
        data = self.ask(
            """query ($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) {
                ... on Sensor { sensorState { ticks(limit: 5) { timestamp status } } }
            } }""",
            sensor={
                "repositoryName": "__repository__",
                "repositoryLocationName": "style_pipeline.definitions",
                "sensorName": sensor,
            },
        )
        ticks = data["sensorOrError"]["sensorState"]["ticks"]
        return [tick["timestamp"] for tick in ticks if tick["status"] != "STARTED"]

    def materialize(self, asset: str, partition: str) -> None:
        """What the UI's Materialize button does for one partition."""
        data = self.ask(
            """mutation ($params: ExecutionParams!) {
                launchPipelineExecution(executionParams: $params) { __typename }
            }""",
            params={
                "selector": {
                    "repositoryName": "__repository__",
                    "repositoryLocationName": "style_pipeline.definitions",
                    "pipelineName": "__ASSET_JOB",
                    "assetSelection": [{"path": [asset]}],
                    "assetCheckSelection": None,
                },
                "runConfigData": {},
                "mode": "default",
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": partition}]},
            },
        )
        assert data["launchPipelineExecution"]["__typename"] == "LaunchRunSuccess", data


def stopped(process: int) -> bool:
    """Stop a process; where it writes to a database, for which all of Dagster would wait, it goes
    on, and the answer is no."""
    os.kill(process, signal.SIGSTOP)
    wait_for("the process to stop", lambda: stands_still(process), every=0.001)
    if writes_to_a_database(process):
        os.kill(process, signal.SIGCONT)
        return False
    return True


def stands_still(process: int) -> bool:
    """Whether each thread of a process is stopped, or has ended."""
    threads = Path(f"/proc/{process}/task").iterdir()
    states = ((thread / "status").read_text().partition("State:\t")[2] for thread in threads)
    return all(state.startswith(("T", "Z", "X")) for state in states)


def writes_to_a_database(process: int) -> bool:
    """Whether it holds a lock that others wait for."""
    locks = (line.split() for line in Path("/proc/locks").read_text().splitlines())
    return any(lock[1] == "POSIX" and lock[3:5] == ["WRITE", str(process)] for lock in locks)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def new_home(
    folder: Path,
    settings: Mapping[str, str],
    *,
    instance: Mapping[str, Any] | None,
    chunks_at_a_time: int = 1,
) -> dict[str, str]:
    """Make an instance in a folder as `make dev` does; returns the environment that names it.

    What `instance` says goes before the project's instance settings.
    """
    home = folder / "home"
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text(yaml.safe_dump({**INSTANCE, **(instance or {})}))
    environment = {**os.environ, **CHUNKS, **settings, "DAGSTER_HOME": str(home)}
    limit = ["instance", "concurrency", "set", "gpu", str(chunks_at_a_time)]
    subprocess.run([*DAGSTER, *limit], check=True, env=environment, capture_output=True)
    return environment


@contextmanager
def running(
    folder: Path,
    settings: Mapping[str, str],
    *,
    instance: Mapping[str, Any] | None = None,
    chunks_at_a_time: int = 1,
    module: str = "style_pipeline.definitions",
) -> Iterator[DagsterDev]:
    """Start `dagster dev` in a folder, on an instance of its own: see `new_home`."""
    environment = new_home(folder, settings, instance=instance, chunks_at_a_time=chunks_at_a_time)
    port = free_port()
    log = (folder / "dagster-dev.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [*DAGSTER, "dev", "-h", "127.0.0.1", "-p", str(port), "-m", module],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        dev = DagsterDev(port, folder)
        try:
            wait_for("the web server", dev.answers)
            yield dev
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            # Whatever is left: a chunk's process, or a server that did not listen.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def local_dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DagsterDev]:
    """`dagster dev` on plain folders: `media/` and `ops/` below its own."""
    with running(tmp_path_factory.mktemp("dev"), {}) as dev:
        yield dev
