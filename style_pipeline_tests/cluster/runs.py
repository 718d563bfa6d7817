"""Runs as a code server asks for them whose image is known."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

from style_pipeline.definitions import defs


def new_run(
    instance: dg.DagsterInstance, *assets: str, tags: Any = None, k8s: Mapping[str, Any]
) -> dg.DagsterRun:
    """A run of those assets, about to be launched; `k8s` is what the code server hands on to it."""
    job = defs.resolve_implicit_global_asset_job_def()
    return instance.create_run_for_job(
        job.get_subset(asset_selection={dg.AssetKey(asset) for asset in assets}),
        tags=tags,
        status=dg.DagsterRunStatus.STARTING,
        job_code_origin=JobPythonOrigin(
            job_name=job.name,
            repository_origin=RepositoryPythonOrigin(
                executable_path="python",
                code_pointer=ModuleCodePointer("style_pipeline.definitions", "defs"),
                container_image="style-pipeline-cpu:1",
                entry_point=["dagster"],
                container_context={"k8s": dict(k8s)},
            ),
        ),
    )
