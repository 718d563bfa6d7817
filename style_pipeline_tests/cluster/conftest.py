"""`dagster dev` whose runs are pods of a cluster, with Azurite as storage."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline_kit_tests.azurite import AzureContainer, new_container
from pipeline_kit_tests.cluster.api_server import serving
from pipeline_kit_tests.cluster.control_plane import Cluster, running_control_plane
from pipeline_kit_tests.cluster.objects import NAMESPACE
from pipeline_kit_tests.cluster.scheduler import Node
from style_pipeline_tests.dagster_dev import CHUNKS, PROJECT, DagsterDev, running

CPU_NODE = Node("cpu-0", labels={"style-pipeline/pool": "cpu"})
SPOT = {"key": "kubernetes.azure.com/scalesetpriority", "value": "spot", "effect": "NoSchedule"}
ATTACHED = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
CONTAINERS = ("MEDIA", "OPS", "LOGS")


def gpu_node(name: str) -> Node:
    """As deploy/terraform describes them."""
    return Node(name, gpus=1, labels={"style-pipeline/pool": "gpu"}, taints=(SPOT, ATTACHED))


@dataclass(frozen=True)
class Deployment:
    """Dagster, the cluster that it starts pods in, and its containers."""

    dev: DagsterDev
    cluster: Cluster
    media: AzureContainer
    ops: AzureContainer
    logs: AzureContainer
    secrets: dict[str, str]

    def drop(self, clip: Path, *, style: str = "brushwork") -> str:
        """Drop a clip; returns the video's key."""
        with self.media.client as client:
            client.upload_blob(f"videos/{style}/{clip.name}", clip.read_bytes())
        return f"{style}/{clip.name}"


@pytest.fixture(scope="module")
def deployment(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(azurite, tmp_path_factory.mktemp("cluster")) as deployment:
        yield deployment


@contextmanager
def deployed(
    azurite: str, folder: Path, *, start_timeout_seconds: int = 600
) -> Iterator[Deployment]:
    """As on AKS, with a CPU node and no GPU node."""
    containers = {name: new_container(azurite) for name in CONTAINERS}
    settings = CHUNKS | {"STYLE_PIPELINE_GPU_POD": '{"image": "style-pipeline-gpu:tests"}'}
    secrets = {}
    for name, container in containers.items():
        settings[f"STYLE_PIPELINE_{name}_URL"] = container.url
        settings[f"STYLE_PIPELINE_{name}_ENDPOINT"] = container.endpoint
        token = container.sas_token("read", "list", "write", "create", "delete")
        secrets[f"STYLE_PIPELINE_{name}_SAS_TOKEN"] = token
    image = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "OMP_NUM_THREADS": "1",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    kubeconfig = folder / "kubeconfig"
    with (
        running_control_plane(folder / "pods", image) as cluster,
        serving(cluster, kubeconfig),
        running(
            folder / "dev",
            # Pods have no kubeconfig, as they have no right to start others.
            settings
            | secrets
            | {"KUBECONFIG": str(kubeconfig), "DAGSTER_CURRENT_IMAGE": "style-pipeline-cpu:tests"},
            instance=instance(
                home=folder / "dev/home", start_timeout_seconds=start_timeout_seconds
            ),
            chunks_at_a_time=2,
        ) as dev,
    ):
        cluster.config_maps["style-pipeline-settings"] = settings
        cluster.secrets["style-pipeline-secrets"] = secrets
        cluster.add_node(CPU_NODE)
        media, ops, logs = containers.values()
        yield Deployment(dev, cluster, media, ops, logs, secrets)


def instance(*, home: Path, start_timeout_seconds: int) -> dict[str, object]:
    """What Dagster's chart puts into dagster.yaml, with shorter times."""
    return {
        "run_launcher": {
            "module": "pipeline_kit.execution.pod_launcher",
            "class": "PodRunLauncher",
            "config": {
                "load_incluster_config": False,
                "job_namespace": NAMESPACE,
                "service_account_name": "style-pipeline-services",
                "instance_config_map": "dagster-instance",
                "dagster_home": str(home),
                "env_config_maps": ["style-pipeline-settings"],
                "env_secrets": ["style-pipeline-secrets"],
                "run_k8s_config": {"job_spec_config": {"ttl_seconds_after_finished": 3600}},
            },
        },
        "compute_logs": {
            "module": "pipeline_kit.execution.pod_logs",
            "class": "BlobLogs",
            "config": {"settings": "STYLE_PIPELINE_LOGS_"},
        },
        "run_monitoring": {
            "enabled": True,
            "start_timeout_seconds": start_timeout_seconds,
            "max_runtime_seconds": 3600,
            "poll_interval_seconds": 1,
        },
    }
