"""Versions of what no run makes: a sensor observes them, and assets say which one they are of."""

from collections.abc import Mapping

import dagster as dg

from pipeline_kit.orchestration.dagster_private import get_input_event_pointer_tag

DATA_VERSION = "dagster/data_version"


def observation(
    asset: dg.AssetKey, partition: str, version: str, *, metadata: Mapping[str, str]
) -> dg.AssetObservation:
    """The event that the partition is of `version` from now on."""
    return dg.AssetObservation(
        asset, partition=partition, metadata=metadata, tags={DATA_VERSION: version}
    )


def latest_version(instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str) -> str | None:
    """What the partition was last observed to be of."""
    return next((version for version, _ in _versions(instance, asset, partition, limit=1)), None)


def provenance(
    instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str, version: str
) -> dict[str, str]:
    """Tags of what was made from `version` of that partition.

    By itself Dagster notes what was there when a step began: what was made from the version before,
    while a new one came, would pass for made from the new one.
    """
    for found, storage_id in _versions(instance, asset, partition, limit=100):
        if found == version:
            return {get_input_event_pointer_tag(asset): str(storage_id)}
    return {}


def _versions(
    instance: dg.DagsterInstance, asset: dg.AssetKey, partition: str, *, limit: int
) -> list[tuple[str | None, int]]:
    """Versions, the latest first, and the ids of their events."""
    records = dg.AssetRecordsFilter(asset, asset_partitions=[partition])
    return [
        (record.asset_observation.data_version, record.storage_id)
        for record in instance.fetch_observations(records, limit=limit).records
        if record.asset_observation
    ]
