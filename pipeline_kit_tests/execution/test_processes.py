import os
import subprocess
import sys
import time
from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.launcher import WorkerStatus
from dagster._core.test_utils import create_run_for_test

from pipeline_kit.execution.processes import ProcessRunLauncher

LAUNCHER = {"module": "pipeline_kit.execution.processes", "class": "ProcessRunLauncher"}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    home = str(tmp_path_factory.mktemp("home"))
    with dg.DagsterInstance.local_temp(home, overrides={"run_launcher": LAUNCHER}) as instance:
        yield instance


@pytest.fixture
def run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    run: dg.DagsterRun = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED)
    return run


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    program = "import time; time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        yield process
        process.kill()


def say_started(instance: dg.DagsterInstance, run: dg.DagsterRun, pid: int) -> None:
    """As the process of a run does."""
    message = f"Started process for run (pid: {pid})."
    instance.report_engine_event(message, run, EngineEventData.in_process(pid))


def is_there(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    launcher = instance.run_launcher
    assert isinstance(launcher, ProcessRunLauncher)
    assert launcher.supports_check_run_worker_health
    found = launcher.check_run_worker_health(run).status
    assert found in (WorkerStatus.RUNNING, WorkerStatus.NOT_FOUND)
    return found is WorkerStatus.RUNNING


def test_a_run_is_there_as_long_as_its_process(
    instance: dg.DagsterInstance, run: dg.DagsterRun, process: subprocess.Popen[bytes]
) -> None:
    assert is_there(instance, run)
    say_started(instance, run, process.pid)
    assert is_there(instance, run)
    process.kill()
    assert process.wait()
    assert not is_there(instance, run)


def test_a_process_that_nobody_has_waited_for_is_gone(
    instance: dg.DagsterInstance, run: dg.DagsterRun, process: subprocess.Popen[bytes]
) -> None:
    say_started(instance, run, process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_there(instance, run)


def test_a_later_process_of_the_same_number_is_another(
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    process: subprocess.Popen[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as yesterday:
        now = time.time()
        yesterday.setattr("time.time", lambda: now - 86400)
        say_started(instance, run, process.pid)
    assert not is_there(instance, run)


def test_a_run_that_was_started_twice_is_there_as_long_as_one_of_its_processes(
    instance: dg.DagsterInstance, run: dg.DagsterRun, process: subprocess.Popen[bytes]
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as first:
        say_started(instance, run, first.pid)
    say_started(instance, run, process.pid)
    assert is_there(instance, run)
