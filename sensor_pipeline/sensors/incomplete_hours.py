"""Hours whose anomalies lack shards that are there by now."""

import dagster as dg

from pipeline_kit.storage.store import Store
from sensor_pipeline.hour_scores import fetch_scores
from sensor_pipeline.object_names import INCOMPLETE, Hour, named_hour
from sensor_pipeline.partitions import SETTINGS, shard_hour
from sensor_pipeline.readings.names import key_of


@dg.sensor(
    asset_selection=dg.AssetSelection.assets("scores", "anomalies"),
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Completes hours whose shards came when nothing followed from them.",
)
def incomplete_hours(
    context: dg.SensorEvaluationContext, ops: dg.ResourceParam[Store]
) -> dg.SensorResult:
    """What comes between an asset's being requested and its being made leads to nothing more, by
    Dagster's conditions: a shard that was scored again while the hour's anomalies were being
    found, or an hour that was read again while a shard was being scored.

    A shard that failed is left to people. Each is asked for once a version.
    """
    requests = []
    for mark in ops.list(INCOMPLETE):
        named = named_hour(mark.name)
        if named is None:
            continue
        key = key_of(named)
        found = fetch_scores(ops, Hour(key), must_be_read=False)
        requests += [
            dg.RunRequest(
                run_key=f"{key} {shard:03} version {found.version}",
                partition_key=shard_hour(key, f"{shard:03}"),
                asset_selection=[dg.AssetKey("scores")],
            )
            for shard in found.outdated
            if shard < SETTINGS.shards
        ]
        if not found.missing:
            requests.append(
                dg.RunRequest(
                    run_key=f"{key}@{mark.etag}",
                    partition_key=key,
                    asset_selection=[dg.AssetKey("anomalies")],
                )
            )
    return dg.SensorResult(requests, None if requests else "no hour lacks what is there")
