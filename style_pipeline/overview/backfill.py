"""Ask a Dagster instance to make what is missing of a video."""

import time
from collections.abc import Mapping, Sequence
from secrets import token_hex

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.execution.backfill import PartitionBackfill

from style_pipeline.partitions import Video, video_chunks, videos


def launch_backfill(
    instance: dg.DagsterInstance, key: str, wanted: Mapping[str, Sequence[int]]
) -> str:
    """Ask for the assets `wanted` of the video, each with its slots where it is in chunks.

    It is what the UI's dialog for missing partitions does; the daemon comes to it within half a
    minute. Returns the backfill's id.
    """
    video = Video(key)
    backfill = PartitionBackfill.from_asset_graph_subset(
        backfill_id=token_hex(4),
        backfill_timestamp=time.time(),
        tags={},
        dynamic_partitions_store=instance,
        asset_graph_subset=AssetGraphSubset(  # type: ignore[call-arg]  # its decorator hides it
            partitions_subsets_by_asset_key={
                dg.AssetKey(asset): (
                    video_chunks.subset_with_partition_keys([video.chunk(slot) for slot in slots])
                    if slots
                    else videos.subset_with_partition_keys([key])
                )
                for asset, slots in wanted.items()
            },
        ),
        title=f"retry {key}",
        description="What was missing or had failed.",
        run_config=None,
    )
    instance.add_backfill(backfill)
    return str(backfill.backfill_id)
