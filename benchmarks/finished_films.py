"""An instance of Dagster in which many videos have become films, as `orchestration.py` needs it.

Runs, events and partitions are those that the daemon and the runs leave behind, but for the runs'
own logs, which nothing that is measured reads.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import MagicMock, patch
from uuid import uuid4

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import (
    AssetMaterializationPlannedData,
    DagsterEvent,
    DagsterEventType,
    StepMaterializationData,
)

from pipeline_kit.orchestration.data_versions import DATA_VERSION
from style_pipeline.assets.current_style import observed
from style_pipeline.assets.styled_video import SEGMENTS_CHECK
from style_pipeline.media.film_checks import CHECKS
from style_pipeline.partitions import chunk_key

JOB = "__ASSET_JOB"
STYLE = "brushwork"


def video_key(number: int) -> str:
    return f"{STYLE}/clip {number:04}.mp4"


def make_films(instance: dg.DagsterInstance, *, videos: int, chunks: int) -> None:
    """Leave in an instance what so many films of so many chunks each leave there."""
    with _at_once(instance):
        for number in range(videos):
            make_film(instance, video_key(number), chunks=chunks)
    instance.add_dynamic_partitions("videos", [video_key(number) for number in range(videos)])
    instance.add_dynamic_partitions("styles", [STYLE])


def make_film(instance: dg.DagsterInstance, video: str, *, chunks: int) -> None:
    """All that happens to one video."""
    prepare(instance, video, chunks=chunks)
    for slot in range(chunks):
        run(instance, ["styled_frames"], chunk_key(video, slot))
    film = run(instance, ["styled_video"], video)
    record = instance.get_latest_materialization_event(dg.AssetKey("styled_video"))
    assert record is not None
    for check in (SEGMENTS_CHECK, *CHECKS):
        _report(
            instance,
            DagsterEventType.ASSET_CHECK_EVALUATION,
            AssetCheckEvaluation(
                asset_key=dg.AssetKey("styled_video"),
                check_name=check,
                passed=True,
                target_materialization_data=AssetCheckEvaluationTargetMaterializationData(
                    storage_id=1, run_id=film, timestamp=record.timestamp
                ),
            ),
            film,
        )


def prepare(instance: dg.DagsterInstance, video: str, *, chunks: int) -> None:
    """All that comes before a video's chunks."""
    instance.report_runless_asset_event(dg.AssetMaterialization("videos", partition=video))
    instance.report_runless_asset_event(observed(video, "v1", model_hash="v1", settings=""))
    run(instance, ["audio", "frames"], video)
    look_at(instance, video, chunks=chunks)


def look_at(instance: dg.DagsterInstance, video: str, *, chunks: int) -> None:
    """A look that is another than before, after which all chunks are to be stylized."""
    for slot in range(chunks):
        planned = dg.AssetMaterialization("chunk_plan", partition=chunk_key(video, slot))
        instance.report_runless_asset_event(planned)
    run(instance, ["look"], video)


def run(instance: dg.DagsterInstance, assets: list[str], partition: str) -> str:
    """A run that materialized a partition of some assets again; returns its id."""
    keys = [dg.AssetKey(asset) for asset in assets]
    run_id = str(uuid4())
    instance.run_storage.add_run(
        dg.DagsterRun(
            JOB,
            run_id=run_id,
            status=dg.DagsterRunStatus.SUCCESS,
            tags={"dagster/partition": partition, "dagster/from_automation_condition": "true"},
            asset_selection=frozenset(keys),
        )
    )
    for key in keys:
        _report(
            instance,
            DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
            AssetMaterializationPlannedData(key, partition=partition),
            run_id,
        )
    for key in keys:
        _report(
            instance,
            DagsterEventType.ASSET_MATERIALIZATION,
            StepMaterializationData(
                dg.AssetMaterialization(
                    key,
                    partition=partition,
                    metadata={"frames": 240},
                    tags={DATA_VERSION: run_id},
                )
            ),
            run_id,
        )
    return run_id


def _report(instance: dg.DagsterInstance, kind: DagsterEventType, data: Any, run_id: str) -> None:
    event = DagsterEvent(kind.value, JOB, event_specific_data=data, step_key="step")
    instance.report_dagster_event(event, run_id)


@contextmanager
def _at_once(instance: dg.DagsterInstance) -> Iterator[None]:
    """Write in one transaction what is many in life, and leave out the runs' own logs."""
    events: Any = instance.event_log_storage
    runs: Any = instance.run_storage
    unread = nullcontext(MagicMock())
    with (
        events.index_connection() as index,
        runs.connect() as connection,
        patch.object(events, "index_connection", lambda: nullcontext(index)),
        patch.object(events, "run_connection", lambda run_id: unread),
        patch.object(runs, "connect", lambda: nullcontext(connection)),
    ):
        yield
