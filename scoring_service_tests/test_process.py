"""The service as a process: `python -m scoring_service`."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from pipeline_kit.storage.store import Store
from pipeline_kit_tests.waiting import wait_for
from scoring_service.__main__ import main
from scoring_service_tests.serving import FAQ, publish

SETTINGS = {
    "SCORING_SERVICE_PORT": "0",
    "SCORING_SERVICE_FAQ": FAQ,
    "SCORING_SERVICE_STYLIZE": "false",
    "SCORING_SERVICE_POLL_SECONDS": "0.2",
    "SCORING_SERVICE_DRAIN_SECONDS": "1",
}


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process, and its address."""
    printed = folder / "printed"
    environment = {**os.environ, **SETTINGS, **settings}
    with (
        printed.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "scoring_service"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            pattern = r"running on (http://[\d.:]+)"
            found = wait_for("it", lambda: re.search(pattern, printed.read_text()), seconds=60)
            assert found
            yield process, found[1]
        finally:
            process.kill()


def ready(address: str) -> None:
    """Wait for all that is loaded."""
    wait_for("it", lambda: httpx.get(f"{address}/readyz").status_code == 200, seconds=60)


def is_open(address: str) -> bool:
    try:
        httpx.get(f"{address}/livez")
    except httpx.ConnectError:
        return False
    return True


def begun(address: str, body: bytes) -> socket.socket:
    """A request whose last byte has not come yet."""
    url = urlsplit(address)
    connection = socket.create_connection((url.hostname, url.port), timeout=20)
    head = "POST /v1/faq/match HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
    return connection


def test_it_serves_drains_on_sigterm_and_ends(tmp_path: Path) -> None:
    ops = Store(url=(tmp_path / "ops").as_uri())
    publish(ops, tmp_path)
    with running(tmp_path, SCORING_SERVICE_OPS_URL=ops.url) as (process, address):
        ready(address)
        body = {"question": "is my new card in the post"}
        with httpx.Client(base_url=address) as client:
            answer = client.post("/v1/faq/match", json=body)
            assert answer.json()["matches"][0]["id"]
            assert "connection" not in answer.headers
            under_way = begun(address, json.dumps(body).encode())
            process.send_signal(signal.SIGTERM)
            status = [200]
            while status[-1] == 200:
                status.append(httpx.get(f"{address}/readyz").status_code)
            assert status[-1] == 503
            # Requests that are still sent to it are answered, and the next ones go elsewhere.
            answer = client.post("/v1/faq/match", json=body)
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
            assert process.poll() is None
        wait_for("the end of new connections", lambda: not is_open(address), seconds=20)
        with under_way, under_way.makefile("rb") as answered:
            under_way.sendall(b"}")
            assert answered.readline().split()[1] == b"200"
        assert process.wait(20) == 0
    log = (tmp_path / "printed").read_text()
    assert '"path": "/v1/faq/match", "status": 200' in log
    assert "in the post" not in log


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"SCORING_SERVICE_HOST": "0.0.0.0"}, "SCORING_SERVICE_KEYS: it is needed"),
        ({"SCORING_SERVICE_OPS_URL": "ftp://x"}, "SCORING_SERVICE_OPS_URL='ftp://x' should be "),
    ],
)
def test_a_wrong_setting_ends_it_with_one_line(
    settings: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        main()
    assert str(end.value).startswith(says)
    assert "\n" not in str(end.value)
