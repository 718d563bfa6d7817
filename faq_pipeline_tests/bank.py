"""A bank's Dagster and stores, in which a FAQ is dropped and its model published."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from faq_pipeline.assets.faq_model import faq, faq_model
from faq_pipeline.assets.published_faq_model import faq_evaluation, published_faq_model
from faq_pipeline.library import published
from faq_pipeline.partitions import UPLOAD_TAG, faq_files
from faq_pipeline.sensors import dropped_faqs
from pipeline_kit.storage.store import Store

ASSETS: list[dg.AssetsDefinition | dg.AssetSpec | dg.SourceAsset] = [
    dropped_faqs,
    faq,
    faq_model,
    faq_evaluation,
    published_faq_model,
]
KEY = "bank.csv"


@dataclass(frozen=True)
class Bank:
    instance: dg.DagsterInstance
    media: Store
    ops: Store

    def drop(self, data: bytes) -> str:
        """The ETag of the file."""
        self.instance.add_dynamic_partitions(str(faq_files.name), [KEY])
        return self.media.write(f"faq/{KEY}", data).etag

    def make(self, *assets: str, upload: str = "", **config: Any) -> dg.ExecuteInProcessResult:
        """A run of those assets, of all where none is named."""
        return dg.materialize(
            ASSETS,
            selection=list(assets) or ["faq", "faq_model", "faq_evaluation", "published_faq_model"],
            partition_key=KEY,
            instance=self.instance,
            tags={UPLOAD_TAG: upload} if upload else None,
            resources={"media": self.media, "ops": self.ops},
            run_config={"ops": {assets[0]: {"config": config}}} if config else None,
            raise_on_error=False,
        )

    @property
    def published(self) -> str:
        """The digest that services answer with; none where nothing is published."""
        return published(self.ops).current().get(KEY, "")


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, Any]:
    (made,) = result.asset_materializations_for_node(asset)
    return {name: value.value for name, value in made.metadata.items()}


def failed_checks(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    return {
        check.check_name: check.description or ""
        for check in result.get_asset_check_evaluations()
        if not check.passed
    }


def why(result: dg.ExecuteInProcessResult) -> str:
    """What the first failure says."""
    data = result.get_step_failure_events()[0].step_failure_data
    return str(data.user_failure_data.description) if data.user_failure_data else ""


@contextmanager
def new_bank(folder: Path) -> Iterator[Bank]:
    stores = [Store(url=(folder / name).as_uri()) for name in ("media", "ops")]
    with dg.DagsterInstance.ephemeral() as instance:
        yield Bank(instance, *stores)
