"""A web server that answers as a real one did: Dagster 1.13, while it made a film of three chunks
and while it failed to read a file that is no video."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pipeline_kit_tests.http_server import serving

ANSWERS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("dagster_answers.json").read_text()
)
"""By how far the film is, and by query."""
KEY = "starry-night/2026-11-29-3f2a9c/holiday.mp4"
"""The video that was asked for then."""


class FakeDagster(ThreadingHTTPServer):
    """At `url`, in the state that it is put into."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.state = "queued"
        self.asked = ""


class _Handler(BaseHTTPRequestHandler):
    server: FakeDagster

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = body["query"].split("(")[0].split()[-1]
        self.server.asked = body["variables"].get("key", self.server.asked)
        data = json.dumps({"data": ANSWERS[self.server.state][kind]})
        answer = data.replace(KEY, self.server.asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def fake_dagster() -> Iterator[FakeDagster]:
    with serving(FakeDagster()) as server:
        yield server
