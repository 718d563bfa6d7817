"""A span for each step, sent to OpenTelemetry or Application Insights where a setting says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

SECONDS = 5
"""How long a step may be held up by an endpoint that does not answer."""


_where = _service = ""


def send_spans_to(where: str, *, service: str = "pipeline") -> None:
    """The URL of an OTLP endpoint, a connection string of Application Insights, or nothing.

    `service` is what the pipeline is called there.
    """
    global _where, _service
    _where, _service = where, service


@contextmanager
def span(name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
    """What happens inside is one span, with the error that ended it, if any.

    It is sent when it ends, as a pod ends soon after. An endpoint that is away costs a line in the
    log and no more.
    """
    if not _where:
        yield
        return
    tracer = _provider(_where, _service).get_tracer("pipeline_kit")
    with tracer.start_as_current_span(name, attributes=attributes):
        yield


@cache
def _provider(where: str, service: str) -> TracerProvider:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(_exporter(where)))
    return provider


def _exporter(where: str) -> SpanExporter:
    if where.startswith("InstrumentationKey="):
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter

        exporter: SpanExporter = AzureMonitorTraceExporter(connection_string=where)
        return exporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{where.rstrip('/')}/v1/traces", timeout=SECONDS)
