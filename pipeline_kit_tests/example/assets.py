"""Step 4, assets: a partition for each file; done means published, whole and verified."""

import json
from collections.abc import Iterator

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.models.registry import Registry
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.storage.store import Store
from pipeline_kit_tests.example.intake import FOLDER
from pipeline_kit_tests.example.model import label
from pipeline_kit_tests.example.settings import load_settings

UPLOAD_TAG = "labels/upload"
"""Tag of a run: the ETag of the file that it was started for."""
SETTINGS = load_settings()

files = dg.DynamicPartitionsDefinition(name="pictures")
pictures = dg.AssetSpec("pictures", partitions_def=files, description="Pictures that were dropped.")


@dg.asset(partitions_def=files, deps=[pictures], pool="gpu", op_tags=SETTINGS.pod.tags())
def labels(
    context: dg.AssetExecutionContext, store: dg.ResourceParam[Store]
) -> Iterator[dg.MaterializeResult[None]]:
    """What the current version of the model sees in a picture."""
    key = context.partition_key
    with clear_failures(context, key, may_stop=False), scratch() as folder:
        upload = context.run.tags.get(UPLOAD_TAG)
        picture = folder / "picture"
        found = store.download(f"{FOLDER}/{key}", picture, etag=upload)
        registry = Registry(store=store, suffix=".npy")
        version = registry.current()[SETTINGS.model]
        weights = registry.fetch(SETTINGS.model, version, folder)
        answer = {"label": label(picture, weights), "model": version}
        store.check_unchanged(found.name, found.etag)
        written = store.write(f"labels/{key}.json", json.dumps(answer).encode())
        yield dg.MaterializeResult(
            metadata={**answer, "location": dg.MetadataValue.path(store.location(written.name))},
            data_version=dg.DataVersion(f"{found.etag} {version}"),
        )
