"""Ask a Dagster instance to make partitions of several assets, as its UI does."""

import time
from collections.abc import Mapping, Sequence
from secrets import token_hex

import dagster as dg

from pipeline_kit.orchestration.dagster_private import AssetGraphSubset, PartitionBackfill


def launch_backfill(
    instance: dg.DagsterInstance,
    wanted: Mapping[str, tuple[dg.PartitionsDefinition, Sequence[str]]],
    *,
    title: str,
    description: str = "What was missing or had failed.",
) -> str:
    """Ask for those partitions of the assets, by name; the daemon comes to it within half a minute.

    It is what the UI's dialog for missing partitions does. Returns the backfill's id.
    """
    backfill = PartitionBackfill.from_asset_graph_subset(
        backfill_id=token_hex(4),
        backfill_timestamp=time.time(),
        tags={},
        dynamic_partitions_store=instance,
        asset_graph_subset=AssetGraphSubset(  # type: ignore[call-arg]  # its decorator hides it
            partitions_subsets_by_asset_key={
                dg.AssetKey(asset): partitions.subset_with_partition_keys(keys)
                for asset, (partitions, keys) in wanted.items()
            },
        ),
        title=title,
        description=description,
        run_config=None,
    )
    instance.add_backfill(backfill)
    return str(backfill.backfill_id)
