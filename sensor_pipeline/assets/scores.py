"""scores: the windows of a shard's hour, scored by its detectors."""

import time
from collections.abc import Iterator

import dagster as dg

from pipeline_kit.machine.meter import Meter
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures, warning
from pipeline_kit.storage.store import Store
from sensor_pipeline.assets.detectors import detectors
from sensor_pipeline.assets.readings import readings
from sensor_pipeline.automation_conditions import SHARD_IS_DUE
from sensor_pipeline.detection.detectors import Detectors, score_windows
from sensor_pipeline.hour import fetch_windows
from sensor_pipeline.library import current_detectors
from sensor_pipeline.object_names import Hour
from sensor_pipeline.partitions import SETTINGS, shard_hours
from sensor_pipeline.tables import write_table

DETECTORS_CHECK = "detectors_gave_scores"


@dg.asset(
    partitions_def=shard_hours,
    deps=[readings, detectors],
    automation_condition=SHARD_IS_DUE,
    group_name="sensors",
    kinds={"numpy", "parquet"},
    owners=["team:sensors"],
    op_tags=SETTINGS.pod.tags(),
    check_specs=[
        dg.AssetCheckSpec(
            DETECTORS_CHECK,
            asset="scores",
            description="Every sensor of the shard has a detector, and it gave numbers.",
        )
    ],
)
def scores(
    context: dg.AssetExecutionContext,
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """The windows of one shard's hour with their scores: many models in one run and one pod.

    A detector that fails, or is not there, costs its own sensor and a line that names it.
    """
    key = context.partition_key.keys_by_dimension
    hour, shard = Hour(key["hour"]), int(key["shard"])
    meter = Meter()
    with clear_failures(context, f"{hour.key} shard {shard:03}"), scratch() as folder:
        started = time.monotonic()
        windows, manifest = fetch_windows(ops, hour, shard)
        current = current_detectors(ops, shard, manifest.shards, folder=folder)
        library, digest = current or (Detectors.of(SETTINGS.recipe.features, ()), "")
        scoring = time.monotonic()
        found = score_windows(windows, library, digest=digest)
        scored = time.monotonic() - scoring
        if shard < manifest.shards:
            write_table(
                ops, hour.scores(shard), found.scores, inputs=manifest.inputs, detectors=digest
            )
        seconds = time.monotonic() - started
    for line in found.failed:
        context.log.warning(f"{hour.key} shard {shard:03}: {line}")
    flagged = (found.scores["score"] >= found.scores["threshold"]).sum()
    wrong = [*found.failed, *(f"{name} has no detector" for name in found.unknown)]
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(f"{manifest.inputs} {digest}"),
        metadata={
            "seconds": round(seconds, 3),
            "seconds_scoring": round(scored, 3),
            "rows": len(windows),
            "models": found.models,
            "flagged": int(flagged),
            "unknown_sensors": len(found.unknown),
            "failed_detectors": "\n".join(found.failed) or "none",
            "detector": digest or "none",
            "version": manifest.version,
            **meter.read(gpu_busy=None, price_per_hour=None),
            "location": dg.MetadataValue.path(ops.location(hour.scores(shard))),
        },
        check_results=[
            warning(DETECTORS_CHECK, not wrong, "; ".join(wrong[:5]) or f"{found.models} models")
        ],
    )
