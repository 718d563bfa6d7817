"""What follows from what is there, as Dagster evaluates it."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from sensor_pipeline.assets.anomalies import anomalies
from sensor_pipeline.assets.detectors import detectors
from sensor_pipeline.assets.readings import readings
from sensor_pipeline.assets.scores import scores
from sensor_pipeline.definitions import defs
from sensor_pipeline.partitions import shard_hour
from sensor_pipeline_tests.site import key

# Of what Dagster itself calls when a condition is evaluated.
pytestmark = pytest.mark.filterwarnings("ignore:Parameter `include_sources`")

READINGS, DETECTORS, SCORES, ANOMALIES = (
    asset.key for asset in (readings, detectors, scores, anomalies)
)


class Ticks:
    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: Any = None

    def __call__(self) -> set[str]:
        """What is requested, by asset and partition."""
        result = dg.evaluate_automation_conditions(defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        found = set()
        for asset in (SCORES, ANOMALIES):
            for partition in result.get_requested_partitions(asset):
                found.add(f"{asset.to_user_string()} {partition}")
        return found

    def made(self, asset: dg.AssetKey, partition: str, *, by_a_run: bool = True) -> None:
        """Record it; `by_a_run` as a run of that partition would."""
        event = dg.AssetMaterialization(asset, partition=partition)
        if not by_a_run:
            self.instance.report_runless_asset_event(event)
            return

        @dg.op
        def record(context: dg.OpExecutionContext) -> None:
            context.log_event(event)

        @dg.job
        def job() -> None:
            record()

        tags = {"dagster/partition": partition}
        if isinstance(partition, dg.MultiPartitionKey):
            tags["dagster/partition/shard"] = partition.keys_by_dimension["shard"]
        job.execute_in_process(instance=self.instance, tags=tags)


@pytest.fixture
def ticks() -> Iterator[Ticks]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Ticks(instance)


def scores_of(hour: int) -> set[str]:
    return {f"scores {shard_hour(key(hour), shard)}" for shard in ("000", "001")}


def test_shards_of_any_hour_follow_its_readings_and_the_hour_follows_them(ticks: Ticks) -> None:
    assert ticks() == set()
    ticks.made(READINGS, key(3))
    assert ticks() == scores_of(3)
    assert ticks() == set()
    ticks.made(SCORES, shard_hour(key(3), "000"))
    assert ticks() == {f"anomalies {key(3)}"}, "a shard that is lost holds up nobody"
    ticks.made(ANOMALIES, key(3))
    ticks()
    ticks.made(SCORES, shard_hour(key(3), "001"))
    assert ticks() == {f"anomalies {key(3)}"}
    ticks.made(ANOMALIES, key(3))
    ticks()
    ticks.made(READINGS, key(3))
    assert ticks() == scores_of(3), "another version of the hour"


def test_detectors_that_are_fitted_again_score_no_hour_again(ticks: Ticks) -> None:
    ticks()
    ticks.made(READINGS, key(3))
    ticks()
    for shard in ("000", "001"):
        ticks.made(SCORES, shard_hour(key(3), shard))
    ticks()
    ticks.made(ANOMALIES, key(3))
    ticks.made(DETECTORS, "000")
    assert ticks() == set()


def test_shards_that_are_recorded_as_not_needed_make_no_hour_again(ticks: Ticks) -> None:
    ticks()
    ticks.made(SCORES, shard_hour(key(3), "001"), by_a_run=False)
    assert ticks() == set()
