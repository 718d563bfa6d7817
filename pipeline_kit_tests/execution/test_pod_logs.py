import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote

import dagster as dg
import pytest
from dagster._core.storage.compute_log_manager import ComputeIOType
from dagster._core.workspace.load_target import EmptyWorkspaceTarget

from pipeline_kit.execution.pod_logs import _PATIENCE, BlobLogs
from pipeline_kit.settings import BadSetting
from pipeline_kit_tests.azurite import ACCOUNT, ACCOUNT_KEY, AzureContainer
from pipeline_kit_tests.graphql import WebServer
from pipeline_kit_tests.waiting import wait_for
from pipeline_kit_tests.web_server import web_server

PREFIX = "TESTED_"
KEY = ["run", "compute_logs", "step"]
COMPUTE_LOGS = {
    "module": "pipeline_kit.execution.pod_logs",
    "class": "BlobLogs",
    "config": {"settings": "TESTED_LOGS_"},
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], BlobLogs]:
    """Log managers of several machines: what one keeps on its disk no other can read."""

    def new(name: str) -> BlobLogs:
        disk = tmp_path / name
        disk.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        return BlobLogs(settings=f"{PREFIX}LOGS_", upload_interval=1)

    return new


@pytest.fixture(params=["account key", "SAS token"])
def logs(
    request: pytest.FixtureRequest, azure_container: AzureContainer, monkeypatch: pytest.MonkeyPatch
) -> AzureContainer:
    """The container that settings name, entered in two ways."""
    if request.param == "account key":
        enter(monkeypatch, azure_container, ACCOUNT_KEY=ACCOUNT_KEY)
    else:
        token = azure_container.sas_token("read", "write", "create")
        enter(monkeypatch, azure_container, SAS_TOKEN=token)
    return azure_container


def enter(monkeypatch: pytest.MonkeyPatch, container: AzureContainer, **secret: str) -> None:
    for name in ("URL", "ENDPOINT", "SAS_TOKEN", "ACCOUNT_KEY"):
        monkeypatch.delenv(f"{PREFIX}LOGS_{name}", raising=False)
    settings = {"URL": container.url, "ENDPOINT": container.endpoint, **secret}
    for name, value in settings.items():
        monkeypatch.setenv(f"{PREFIX}LOGS_{name}", value)


def printed(manager: BlobLogs) -> tuple[str, str]:
    data = manager.get_log_data(KEY)
    return (data.stdout or b"").decode(), (data.stderr or b"").decode()


@dg.op
def work() -> None:
    print("frame 1 of 2")
    print("a warning", file=sys.stderr)


@dg.job
def job() -> None:
    work()


def test_what_a_run_prints_is_read_in_the_ui_and_shows_no_secret(
    logs: AzureContainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with dg.instance_for_test(overrides={"compute_logs": COMPUTE_LOGS}) as instance:
        run = job.execute_in_process(instance=instance)
        (captured,) = [
            entry.dagster_event.logs_captured_data
            for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.LOGS_CAPTURED)
            if entry.dagster_event
        ]
        key = [run.run_id, "compute_logs", captured.file_key]
        shown = "".join(repr(entry) for entry in instance.all_logs(run.run_id))
        with web_server(instance, EmptyWorkspaceTarget()) as ui:
            found = ui.ask(
                """query ($key: [String!]!) {
                    instance { info }
                    capturedLogs(logKey: $key) { stdout stderr }
                    capturedLogsMetadata(logKey: $key) {
                        stdoutDownloadUrl stderrDownloadUrl stdoutLocation
                    }
                }""",
                key=key,
            )
            assert found["capturedLogs"]["stdout"] == "frame 1 of 2\n"
            assert "a warning" in found["capturedLogs"]["stderr"]
            places = found["capturedLogsMetadata"]
            assert places["stdoutLocation"].startswith(f"{logs.endpoint}/{logs.name}/dagster/")
            assert download(ui, places["stdoutDownloadUrl"]) == "frame 1 of 2\n"
            assert "a warning" in download(ui, places["stderrDownloadUrl"])
            shown += str(found)
    for name in ("SAS_TOKEN", "ACCOUNT_KEY"):
        if secret := os.environ.get(f"{PREFIX}LOGS_{name}"):
            signature = secret.rpartition("sig=")[2].partition("&")[0]
            assert not [it for it in (secret, signature, unquote(signature)) if it in shown]


def download(ui: WebServer, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{ui.port}{path}") as response:
        content: bytes = response.read()
    return content.decode()


@pytest.mark.usefixtures("logs")
def test_a_log_is_read_while_it_is_being_written(machine: Callable[[str], BlobLogs]) -> None:
    pod, web_server = machine("pod"), machine("web server")
    with pod.capture_logs(KEY):
        print("frame 1", flush=True)
        wait_for("the first line", lambda: printed(web_server)[0] == "frame 1\n")
        assert not web_server.is_capture_complete(KEY)
        print("frame 2", flush=True)
        wait_for("the second line", lambda: printed(web_server)[0] == "frame 1\nframe 2\n")
    assert web_server.is_capture_complete(KEY)
    assert printed(web_server)[0] == "frame 1\nframe 2\n"


@pytest.mark.usefixtures("logs")
def test_the_last_words_of_a_pod_that_is_told_to_stop_are_kept(
    machine: Callable[[str], BlobLogs],
) -> None:
    pod, web_server = machine("pod"), machine("web server")
    with suppress(KeyboardInterrupt), pod.capture_logs(KEY):
        print("told to stop", flush=True)
        raise KeyboardInterrupt
    assert printed(web_server)[0] == "told to stop\n"


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize("logs", ["SAS token"], indirect=True)
def test_what_a_pod_printed_before_its_node_was_lost_is_kept(
    machine: Callable[[str], BlobLogs], tmp_path: Path
) -> None:
    web_server = machine("web server")
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as pod:
        wait_for("the pod's line", lambda: printed(web_server)[0])
        pod.send_signal(signal.SIGKILL)
    assert printed(web_server)[0] == "frame 1\n"
    assert not web_server.is_capture_complete(KEY)


@pytest.mark.parametrize("silent", [False, True])
def test_storage_that_is_down_fails_no_run_and_is_asked_twice(
    machine: Callable[[str], BlobLogs],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    silent: bool,
) -> None:
    monkeypatch.setitem(_PATIENCE, "read_timeout", 0.2)
    with broken_storage(silent=silent) as (endpoint, asked):
        broken = AzureContainer(endpoint=f"{endpoint}/{ACCOUNT}", name="logs")
        enter(monkeypatch, broken, SAS_TOKEN="sv=1&sig=sesame")
        pod = machine("pod")
        with pod.capture_logs(KEY):
            print("frame 1", flush=True)
        assert len(asked) == 2
        with pod.open_log_stream(["sensor"], ComputeIOType.STDERR) as stream:
            assert stream
            stream.write("a sensor's tick")
        assert printed(machine("web server")) == ("", "")
    said = [entry.getMessage() for entry in caplog.records if entry.name.endswith("pod_logs")]
    assert said[0].startswith("Cannot write logs: ")
    assert said[-1].startswith("Cannot look for logs: ")
    assert "sesame" not in caplog.text


def test_uploads_go_on_when_storage_is_back(
    machine: Callable[[str], BlobLogs], azurite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = AzureContainer(endpoint=azurite, name="late-container")
    enter(monkeypatch, late, ACCOUNT_KEY=ACCOUNT_KEY)
    pod, web_server = machine("pod"), machine("web server")
    uploads: list[str] = []
    upload = pod._upload_file_obj

    def counting(*given: Any, **options: Any) -> None:
        uploads.append("upload")
        upload(*given, **options)

    monkeypatch.setattr(pod, "_upload_file_obj", counting)
    with pod.capture_logs(KEY):
        print("frame 1", flush=True)
        wait_for("an upload in vain", lambda: uploads)
        with late.client as client:
            client.create_container()
        wait_for("the line", lambda: printed(web_server)[0] == "frame 1\n")


@contextmanager
def broken_storage(*, silent: bool) -> Iterator[tuple[str, list[str]]]:
    """A server that always says 503, or nothing at all, and what it was asked."""
    asked: list[str] = []
    closing = Event()

    class Broken(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if silent:
                closing.wait()
            else:
                self.send_error(503)

        do_HEAD = do_GET = do_PUT

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        closing.set()
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("URL", "", "LOGS_URL='' should read az://account/container"),
        ("URL", "file:///logs", "LOGS_URL='file:///logs' should read az://account/container"),
        (
            "URL",
            "https://a.net/logs?sig=sesame",
            "LOGS_URL: https://a.net/logs is followed by a ",
        ),
        ("URL", "az://account", "LOGS_URL: az://account should read az://account/container"),
        ("ENDPOINT", "http://example.com", "LOGS_ENDPOINT: http is for this machine only: use "),
        ("ACCOUNT_KEY", "c2VzYW1l", "LOGS_ACCOUNT_KEY: it opens the whole account, and is for the"),
    ],
)
def test_a_bad_setting_is_named_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    enter(monkeypatch, AzureContainer(endpoint="https://a.blob.core.windows.net", name="logs"))
    monkeypatch.setenv(f"{PREFIX}LOGS_{name}", value)
    with pytest.raises(BadSetting) as raised:
        BlobLogs(settings=f"{PREFIX}LOGS_")
    assert str(raised.value).startswith(f"{PREFIX}{message}")
    assert "sesame" not in str(raised.value)


if __name__ == "__main__":
    with BlobLogs(settings=f"{PREFIX}LOGS_", upload_interval=1).capture_logs(KEY):
        print("frame 1", flush=True)
        signal.pause()
