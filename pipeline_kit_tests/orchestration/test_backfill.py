import dagster as dg

from pipeline_kit.orchestration.backfill import launch_backfill

DAYS = dg.StaticPartitionsDefinition(["mon", "tue"])
SHARDS = dg.MultiPartitionsDefinition(
    {"day": DAYS, "shard": dg.StaticPartitionsDefinition(["0", "1"])}
)


def test_a_backfill_asks_for_exactly_those_partitions_of_those_assets() -> None:
    shard = dg.MultiPartitionKey({"day": "tue", "shard": "1"})
    with dg.DagsterInstance.ephemeral() as instance:
        wanted = {"readings": (DAYS, ["mon"]), "scores": (SHARDS, [shard])}
        backfill = instance.get_backfill(launch_backfill(instance, wanted, title="again"))
    assert backfill
    assert backfill.title == "again"
    assert backfill.asset_backfill_data
    target = backfill.asset_backfill_data.target_subset
    asked = {(p.asset_key, p.partition_key) for p in target.iterate_asset_partitions()}
    assert asked == {(dg.AssetKey("readings"), "mon"), (dg.AssetKey("scores"), str(shard))}
