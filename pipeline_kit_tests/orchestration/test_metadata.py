from collections.abc import Iterator

import dagster as dg
import pytest

from pipeline_kit.orchestration import metadata
from pipeline_kit.orchestration.metadata import latest_metadata

ASSET = dg.AssetKey("scores")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def materialize(instance: dg.DagsterInstance, partition: str, number: int) -> None:
    instance.report_runless_asset_event(
        dg.AssetMaterialization(ASSET, partition=partition, metadata={"number": number})
    )


def test_each_partition_s_latest_metadata_is_found_a_page_at_a_time(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, partition in enumerate(["a", "b", "b", "c", "other", "c", "c"]):
        materialize(instance, partition, number)
    monkeypatch.setattr(metadata, "PAGE", 2)
    found = latest_metadata(instance, ASSET, ["a", "b", "c", "never made"])
    assert {key: values["number"] for key, values in found.items()} == {"a": 0, "b": 2, "c": 6}
