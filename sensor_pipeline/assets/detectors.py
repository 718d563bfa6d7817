"""detectors: a one-class SVM for each sensor of a shard."""

import time
from collections.abc import Iterator

import dagster as dg

from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures, warning
from pipeline_kit.orchestration.progress import Progress
from pipeline_kit.storage.store import Store
from sensor_pipeline.detection.detectors import IMPORTED
from sensor_pipeline.library import current_detectors, model_name, publish, registry
from sensor_pipeline.partitions import SETTINGS, shards
from sensor_pipeline.training import (
    Trained,
    flagged_share,
    imported,
    recent_hours,
    recent_windows,
    train,
)

COVERAGE, FLAGGED, SUPPORT = "coverage", "flagged_when_held_back", "support_vectors"
LEAST_COVERAGE, MOST_FLAGGED, MOST_SUPPORT = 0.9, 0.05, 0.1
CHECKS = {
    COVERAGE: f"At least {LEAST_COVERAGE:.0%} of the sensors with readings have a detector.",
    FLAGGED: f"Of the last day, held back, at most {MOST_FLAGGED:.0%} is flagged.",
    SUPPORT: f"At most {MOST_SUPPORT:.0%} of the windows learned from are support vectors.",
}


class DetectorsConfig(dg.Config):
    """Where detectors come from, if not from the windows."""

    import_from: str = ""
    """A file of detectors in the media store, such as `detectors/mine.safetensors`."""
    refit_imported: bool = False
    """Replace imported detectors by fitted ones."""


@dg.asset(
    partitions_def=shards,
    group_name="sensors",
    kinds={"scikitlearn"},
    owners=["team:sensors"],
    op_tags=SETTINGS.pod.tags(),
    check_specs=[
        dg.AssetCheckSpec(name, asset="detectors", description=description)
        for name, description in CHECKS.items()
    ],
)
def detectors(
    context: dg.AssetExecutionContext,
    config: DetectorsConfig,
    media: dg.ResourceParam[Store],
    ops: dg.ResourceParam[Store],
) -> Iterator[dg.MaterializeResult[None]]:
    """A one-class SVM for each sensor of the shard, fitted to its recent windows or imported.

    Windows that were flagged are not learned from. Fitted again every Sunday.
    """
    shard, count = int(context.partition_key), SETTINGS.shards
    with clear_failures(context, f"shard {shard:03}"), scratch() as folder:
        started = time.monotonic()
        current = current_detectors(ops, shard, count, folder=folder)
        before = current[0] if current else None
        recent = recent_hours(ops, days=SETTINGS.train_days)
        windows = recent_windows(ops, recent, shard, count)
        if config.import_from:
            brought = imported(
                media,
                config.import_from,
                shard,
                count,
                features=SETTINGS.recipe.features,
                folder=folder,
            )
            trained = Trained(brought.onto(before))
        else:
            progress = Progress(context.log, f"shard {shard:03}", shown_on=context)
            trained = train(
                windows,
                SETTINGS.recipe,
                before=before,
                refit_imported=config.refit_imported,
                on_progress=progress.reach,
            )
        library = trained.detectors
        digest = publish(ops, shard, count, library, folder=folder)
        flagged = flagged_share(windows, library)
        seconds = time.monotonic() - started
    for line in trained.failed:
        context.log.warning(f"shard {shard:03}: {line}")
    sensors = set(windows.select("device", "sensor").unique().iter_rows())
    covered = len(sensors & set(library.by_sensor)) / len(sensors) if sensors else 1.0
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(digest),
        metadata={
            "models": len(library),
            "imported": sum(each.origin == IMPORTED for each in library.by_sensor.values()),
            "sensors": len(sensors),
            "hours": len(recent),
            "windows": trained.windows,
            "flagged_and_left_out": trained.left_out,
            "without_a_detector": "\n".join(trained.failed[:50]) or "none",
            "seconds": round(seconds, 3),
            "detector": digest,
            "location": dg.MetadataValue.path(
                ops.location(registry(ops).place(model_name(shard, count), digest))
            ),
        },
        check_results=[
            warning(COVERAGE, covered >= LEAST_COVERAGE, f"{covered:.1%} of {len(sensors)}"),
            warning(FLAGGED, flagged <= MOST_FLAGGED, f"{flagged:.2%}"),
            warning(SUPPORT, trained.support <= MOST_SUPPORT, f"{trained.support:.2%}"),
        ],
    )
