"""current_style: what a video's folder stands for now; films made before show as stale."""

import dagster as dg

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
