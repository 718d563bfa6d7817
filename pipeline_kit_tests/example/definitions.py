"""Step 6, definitions: a code location of its own, named in workspace.yaml."""

import dagster as dg

from pipeline_kit.orchestration.store_resource import StoreResource
from pipeline_kit_tests.example.assets import labels, pictures
from pipeline_kit_tests.example.sensors import new_pictures, retry_lost_labels
from pipeline_kit_tests.example.settings import store_settings

defs = dg.Definitions(
    assets=[pictures, labels],
    sensors=[new_pictures, retry_lost_labels],
    resources={"store": StoreResource(url=store_settings().url or "file:///tmp/labels")},
    executor=dg.in_process_executor,
)
