"""current_style: what a video's folder stands for now; films of before show as stale."""

import dagster as dg
from dagster._core.definitions.data_version import get_input_event_pointer_tag

from style_pipeline import partitions

KEY = dg.AssetKey("current_style")
DATA_VERSION = "dagster/data_version"

current_style = dg.AssetSpec(
    KEY,
    description="The network and the settings that a video's folder stands for now. The sensor "
    "`new_videos` notes here when a style was trained again or a `style.toml` was edited: films "
    "made before are stale then, and stay as they are until their `look` is materialized again.",
    deps=[dg.AssetDep("style_model", partition_mapping=dg.AllPartitionMapping())],
    partitions_def=partitions.videos,
    group_name="styles",
    kinds={"toml"},
    owners=["team:styling"],
)


def observed(key: str, version: str, *, model_hash: str, settings: str) -> dg.AssetObservation:
    """The event that a video's folder stands for `version` from now on."""
    return dg.AssetObservation(
        KEY,
        partition=key,
        metadata={"model_hash": model_hash, "settings": settings or "none"},
        tags={DATA_VERSION: version},
    )


def latest_version(instance: dg.DagsterInstance, key: str) -> str | None:
    """What the video's folder was last seen to stand for."""
    return next((version for version, _ in _versions(instance, key, limit=1)), None)


def provenance(instance: dg.DagsterInstance, key: str, version: str) -> dict[str, str]:
    """Tags of an asset that was made from `version`.

    By itself Dagster notes what was there when a step began: a film whose style was trained again
    while it was painted would then pass for one in the new style.
    """
    for found, storage_id in _versions(instance, key, limit=100):
        if found == version:
            return {get_input_event_pointer_tag(KEY): str(storage_id)}
    return {}


def _versions(
    instance: dg.DagsterInstance, key: str, *, limit: int
) -> list[tuple[str | None, int]]:
    """Versions, the latest first, and the ids of their events."""
    records = dg.AssetRecordsFilter(KEY, asset_partitions=[key])
    return [
        (record.asset_observation.data_version, record.storage_id)
        for record in instance.fetch_observations(records, limit=limit).records
        if record.asset_observation
    ]
