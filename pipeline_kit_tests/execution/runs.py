"""Runs as a code server whose image is known asks for them, and assets to run."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

from pipeline_kit.execution.pods import Pod, Toleration

GPU_POD = Pod(
    memory="12Gi",
    gpus=1,
    node_selector={"pool": "gpu"},
    tolerations=(Toleration(key="nvidia.com/gpu"),),
)


@dg.asset(op_tags=Pod().tags())
def on_cpu() -> None: ...


@dg.asset(op_tags=GPU_POD.tags())
def on_gpu() -> None: ...


DEFS = dg.Definitions([on_cpu, on_gpu])


def new_run(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    *assets: str,
    tags: Any = None,
    k8s: Mapping[str, Any],
) -> dg.DagsterRun:
    """A run of those assets, about to be launched; `k8s` is what the code server hands on to it."""
    job = definitions.resolve_implicit_global_asset_job_def()
    return instance.create_run_for_job(
        job.get_subset(asset_selection={dg.AssetKey(asset) for asset in assets}),
        tags=tags,
        status=dg.DagsterRunStatus.STARTING,
        job_code_origin=JobPythonOrigin(
            job_name=job.name,
            repository_origin=RepositoryPythonOrigin(
                executable_path="python",
                code_pointer=ModuleCodePointer("pipeline.definitions", "defs"),
                container_image="pipeline-cpu:1",
                entry_point=["dagster"],
                container_context={"k8s": dict(k8s)},
            ),
        ),
    )
