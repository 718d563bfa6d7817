"""What an instance remembers of runs of which nothing is executed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import dagster as dg
from dagster import DagsterRunStatus
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent
from dagster._core.test_utils import create_run_for_test

from pipeline_kit_tests.execution.test_queue import JOB
from style_pipeline.partitions import chunk_key


def remember(
    instance: dg.DagsterInstance,
    asset: str,
    partition: str,
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """A materialization that was."""
    instance.report_runless_asset_event(
        dg.AssetMaterialization(asset, partition=partition, metadata=metadata)
    )


def remember_read(instance: dg.DagsterInstance, video: str, *, chunks: int = 2) -> None:
    """A video that was taken and read, of which nothing is stylized yet."""
    instance.add_dynamic_partitions("videos", [video])
    for asset in ("videos", "audio", "frames", "look"):
        remember(instance, asset, video, {"frames": 6 * chunks, "chunks": chunks})
    for slot in range(chunks):
        remember(instance, "chunk_plan", chunk_key(video, slot))


def remember_film(instance: dg.DagsterInstance, video: str) -> None:
    """A video with its film."""
    remember_read(instance, video, chunks=1)
    remember(instance, "styled_frames", chunk_key(video, 0), {"frames": 6, "fps": 2.0})
    remember(instance, "styled_video", video, {"film": "/f.mp4"})


def add_run(
    instance: dg.DagsterInstance, asset: str, partition: str, status: DagsterRunStatus
) -> dg.DagsterRun:
    """A run that is to make the asset's partition, `video|slot` of a chunk."""
    video, _, slot = partition.partition("|")
    tags = {"dagster/partition": str(partition)}
    if slot:
        tags |= {"dagster/partition/video": video, "dagster/partition/video_chunk": slot}
    ends = status in (DagsterRunStatus.CANCELED, DagsterRunStatus.FAILURE)
    run: dg.DagsterRun = create_run_for_test(
        instance,
        job_name="__ASSET_JOB",
        status=DagsterRunStatus.STARTED if ends else status,
        tags=tags,
        asset_selection=frozenset([dg.AssetKey(asset)]),
        remote_job_origin=JOB,
    )
    planned = AssetMaterializationPlannedData(dg.AssetKey(asset), str(partition))
    instance.report_dagster_event(
        DagsterEvent.build_asset_materialization_planned_event("__ASSET_JOB", asset, planned),
        run.run_id,
    )
    if status is DagsterRunStatus.CANCELED:
        instance.report_run_canceled(run)
    elif status is DagsterRunStatus.FAILURE:
        instance.report_run_failed(run)
    return run
