from collections.abc import Iterator

import dagster as dg
import pytest

from pipeline_kit.orchestration.data_versions import latest_version, observation, provenance

MODEL = dg.AssetKey("model")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        for version in ("v1", "v2"):
            instance.report_runless_asset_event(observation(MODEL, "a", version, metadata={}))
        yield instance


def test_the_latest_version_is_the_one_that_was_observed_last(
    instance: dg.DagsterInstance,
) -> None:
    assert latest_version(instance, MODEL, "a") == "v2"
    assert latest_version(instance, MODEL, "b") is None


def test_what_was_made_from_an_older_version_says_so(instance: dg.DagsterInstance) -> None:
    old, new = (provenance(instance, MODEL, "a", version) for version in ("v1", "v2"))
    assert old.keys() == new.keys()
    assert [int(value) for value in (*old.values(), *new.values())] == sorted(
        int(value) for value in (*old.values(), *new.values())
    )
    assert old != new
    assert provenance(instance, MODEL, "a", "never seen") == {}
