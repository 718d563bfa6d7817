"""Hours and shards, of three days and two shards as `__init__` sets them."""

from sensor_pipeline.partitions import hours, shard_hour, shard_hours, shards


def test_there_is_an_hour_for_each_of_the_days_that_are_set_and_no_other() -> None:
    keys = hours.get_partition_keys()
    assert (keys[0], keys[-1], len(keys)) == ("2026-03-01-00:00", "2026-03-03-23:00", 72)


def test_shards_are_numbered() -> None:
    assert shards.get_partition_keys() == ["000", "001"]


def test_the_key_of_a_shard_s_hour_reads_hour_then_shard() -> None:
    key = shard_hour("2026-03-01-10:00", "001")
    assert str(key) == "2026-03-01-10:00|001"
    assert shard_hours.has_partition_key(key)
    assert not shard_hours.has_partition_key(shard_hour("2026-03-01-10:00", "002"))
