"""What assets and sensors are handed, as settings say."""

from faq_pipeline.settings import PREFIX, STORES, load_settings, local_url, store_settings
from pipeline_kit.orchestration.store_resource import StoreResource, store_resource
from pipeline_kit.orchestration.telemetry import send_spans_to


def resources() -> dict[str, StoreResource]:
    """All resources by name. Raises `BadSetting` naming the variable that is wrong."""
    send_spans_to(load_settings().telemetry)
    return {
        name.lower(): store_resource(
            store_settings(name), prefix=f"{PREFIX}{name}_", default_url=local_url(name)
        )
        for name in STORES
    }
