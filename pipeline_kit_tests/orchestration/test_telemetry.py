from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pipeline_kit.orchestration import telemetry
from pipeline_kit.orchestration.telemetry import span
from pipeline_kit_tests.http_server import serving

ATTRIBUTES: dict[str, str | int] = {"partition": "ink/clip.mp4", "retry": 1}


class Collector(BaseHTTPRequestHandler):
    received: list[Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            raise AssertionError("it should be sent as it is")
        self.received.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What an OTLP endpoint receives."""
    received: list[Any] = []
    handler = type("Handler", (Collector,), {"received": received})
    with serving(HTTPServer(("127.0.0.1", 0), handler)) as server:
        monkeypatch.setattr(telemetry, "_where", f"http://127.0.0.1:{server.server_port}/")
        yield received


def spans(received: list[Any]) -> list[Any]:
    assert {path for path, _ in received} == {"/v1/traces"}
    return [
        each
        for _, request in received
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for each in scope.spans
    ]


def test_a_step_is_a_span_with_its_attributes(collector: list[Any]) -> None:
    with span("look", ATTRIBUTES):
        pass
    (told,) = spans(collector)
    assert told.name == "look"
    values = {a.key: a.value.string_value or a.value.int_value for a in told.attributes}
    assert values == ATTRIBUTES


def test_a_step_that_fails_is_told_with_its_reason(collector: list[Any]) -> None:
    with pytest.raises(ValueError, match="it cannot be decoded"), span("frames", ATTRIBUTES):
        raise ValueError("it cannot be decoded")
    (told,) = spans(collector)
    assert told.status.message == "ValueError: it cannot be decoded"


def test_an_endpoint_that_is_away_fails_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "SECONDS", 1)
    monkeypatch.setattr(telemetry, "_where", "http://127.0.0.1:9")
    with span("look", ATTRIBUTES):
        pass


def test_it_is_off_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_provider", lambda *_: pytest.fail("it is on"))
    with span("look", ATTRIBUTES):
        pass


def test_a_connection_string_goes_to_application_insights() -> None:
    key = "InstrumentationKey=00000000-0000-0000-0000-000000000000"
    assert type(telemetry._exporter(key)).__name__ == "AzureMonitorTraceExporter"
