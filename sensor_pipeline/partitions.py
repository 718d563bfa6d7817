"""What the assets are partitioned by: hours, and shards of the sensors."""

from typing import Final

import dagster as dg

from sensor_pipeline.readings.names import KEY
from sensor_pipeline.settings import load_settings

SETTINGS: Final = load_settings()

hours = dg.TimeWindowPartitionsDefinition(
    start=SETTINGS.first_hour,
    end=SETTINGS.after_last_hour,
    cron_schedule="0 * * * *",
    fmt=KEY,
)
shards = dg.StaticPartitionsDefinition([f"{shard:03}" for shard in range(SETTINGS.shards)])
# Dagster orders the dimensions by name, so that keys read `2026-11-29-13:00|003`.
shard_hours = dg.MultiPartitionsDefinition({"hour": hours, "shard": shards})


def shard_hour(hour: str, shard: str) -> dg.MultiPartitionKey:
    """The partition of a shard's hour."""
    return dg.MultiPartitionKey({"hour": hour, "shard": shard})
