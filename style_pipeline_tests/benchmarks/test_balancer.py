from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from benchmarks import balancer
from benchmarks.balancer import balanced
from pipeline_kit_tests.http_server import serving
from pipeline_kit_tests.waiting import wait_for

away: set[int] = set()
"""Ports of servers that are not ready."""


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Of two servers that answer with it."""
    monkeypatch.setattr(balancer, "BETWEEN_PROBES", 0.01)

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            port = self.connection.getsockname()[1]
            self.send_response(503 if self.path == "/readyz" and port in away else 200)
            self.end_headers()
            self.wfile.write(str(port).encode())

        def log_message(self, *_: object) -> None: ...

    address = "127.0.0.1", 0
    with (
        serving(ThreadingHTTPServer(address, Server)) as one,
        serving(ThreadingHTTPServer(address, Server)) as other,
    ):
        yield [one.server_port, other.server_port]
    away.clear()


def answering(address: str, count: int = 6) -> set[int]:
    return {int(httpx.get(address).text) for _ in range(count)}


def wait_until_answering(address: str, ports: set[int]) -> None:
    wait_for(str(ports), lambda: answering(address) == ports, seconds=20, every=0)


def test_connections_go_to_those_that_are_ready(ports: list[int]) -> None:
    one, other = ports
    with balanced(ports) as address:
        wait_until_answering(address, {one, other})
        away.add(one)
        wait_until_answering(address, {other})
        assert answering(address, 20) == {other}
        away.clear()
        wait_until_answering(address, {one, other})


def test_a_connection_waits_until_one_is_ready(ports: list[int]) -> None:
    away.update(ports)
    with balanced(ports) as address:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(address, timeout=0.2)
        away.discard(ports[1])
        assert answering(address) == {ports[1]}
