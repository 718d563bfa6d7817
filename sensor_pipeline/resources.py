"""What assets and sensors are handed, as settings say."""

from pipeline_kit.orchestration.store_resource import StoreResource, store_resources
from pipeline_kit.orchestration.telemetry import send_spans_to
from sensor_pipeline.settings import PREFIX, STORES, check_settings, load_settings


def resources() -> dict[str, StoreResource]:
    """All resources by name. Raises `BadSetting` naming the variable that is wrong."""
    check_settings()
    send_spans_to(load_settings().telemetry)
    return store_resources(PREFIX, STORES)
