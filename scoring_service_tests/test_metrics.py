"""What Prometheus is told."""

from prometheus_client import generate_latest

from scoring_service.metrics import REGISTRY
from scoring_service_tests.serving import Asked


def test_requests_are_counted_by_path_and_status_and_models_by_name(asked: Asked) -> None:
    assert asked.match("my card is lost").status_code == 200
    assert asked.get("/v1/not/there").status_code == 404
    text = generate_latest(REGISTRY).decode()
    assert 'scoring_requests_total{path="/v1/faq/match",status="200"}' in text
    assert 'scoring_requests_total{path="other",status="404"}' in text
    assert "/v1/not/there" not in text
    assert 'scoring_batch_size_count{model="faq"}' in text
    assert 'scoring_model_swaps_total{model="bank.csv"}' in text
    assert asked.get("/metrics").text.count("scoring_request_seconds_bucket") > 10
