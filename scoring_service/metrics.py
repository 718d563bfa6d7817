"""What Prometheus is told."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY: Final = CollectorRegistry()

REQUESTS: Final = Counter(
    "scoring_requests", "Requests answered.", ["path", "status"], registry=REGISTRY
)
SECONDS: Final = Histogram(
    "scoring_request_seconds",
    "From a request's arrival to its answer.",
    ["path"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
WAITING: Final = Gauge(
    "scoring_waiting", "Requests that wait for a model.", ["model"], registry=REGISTRY
)
BATCH: Final = Histogram(
    "scoring_batch_size",
    "Requests that a model took at once.",
    ["model"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
    registry=REGISTRY,
)
SWAPS: Final = Counter(
    "scoring_model_swaps", "Models that took over.", ["model"], registry=REGISTRY
)
FAILED_LOADS: Final = Counter(
    "scoring_failed_loads",
    "Models that could not be loaded, or failed their self-test; the one before stayed.",
    ["model"],
    registry=REGISTRY,
)
