"""current_style: what a video's folder stands for now; films made before show as stale."""

import dagster as dg

from pipeline_kit.orchestration.data_versions import observation
from style_pipeline import partitions

current_style = dg.AssetSpec(
    "current_style",
    description="The network and the settings that a video's folder stands for now. The sensor "
    "`new_videos` notes here when a style was trained again or a `style.toml` was edited: films "
    "made before are stale then, and stay as they are until their `look` is materialized again.",
    deps=[dg.AssetDep("style_model", partition_mapping=dg.AllPartitionMapping())],
    partitions_def=partitions.videos,
    group_name="styles",
    kinds={"toml"},
    owners=["team:styling"],
)


def observed(video: str, version: str, *, model_hash: str, settings: str) -> dg.AssetObservation:
    """The event that the folder of the video of that key stands for `version` from now on.

    `settings` is the name of its `style.toml`, if there is one.
    """
    metadata = {"model_hash": model_hash, "settings": settings or "none"}
    return observation(current_style.key, video, version, metadata=metadata)
