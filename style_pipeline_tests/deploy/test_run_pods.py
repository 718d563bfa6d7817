"""The pods that runs get from the values, the code and the nodes together."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import Mock

import dagster as dg
import kubernetes
import pytest
import yaml
from dagster._core.launcher import LaunchRunContext

from pipeline_kit_tests.execution.runs import new_run
from sensor_pipeline.settings import SensorSettings
from style_pipeline.definitions import defs
from style_pipeline.settings import gpu_pod
from style_pipeline_tests.deploy.terraform import DEPLOY, local_values, resources

VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "values.yaml").read_text())
CODE_SERVER: dict[str, Any] = VALUES["dagster-user-deployments"]["deployments"][0]

ON_GPU = {"styled_frames", "style_model"}
ASSETS = {"audio", "frames", "look", "styled_video", *ON_GPU}
CONTEXT = {
    "image_pull_policy": CODE_SERVER["image"]["pullPolicy"],
    "env_config_maps": [source["name"] for source in CODE_SERVER["envConfigMaps"]],
    "namespace": "style-pipeline",
    "service_account_name": VALUES["global"]["serviceAccountName"],
    "volume_mounts": CODE_SERVER["volumeMounts"],
    "run_k8s_config": {"pod_spec_config": {"automount_service_account_token": True}},
    **{key: CODE_SERVER[key] for key in ("labels", "resources", "volumes")},
}
"""What the chart hands on from the code server to the runs that are launched from it."""


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    launcher = VALUES["runLauncher"]["config"]["customRunLauncher"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kubernetes.config.load_incluster_config", lambda: None)
        with dg.instance_for_test(overrides={"run_launcher": launcher}) as instance:
            yield instance


def pod_of(asset: str, instance: dg.DagsterInstance) -> dict[str, Any]:
    """The template of the pod that a run of the asset gets, as the cluster's API is given it."""
    run = new_run(instance, defs, asset, k8s=CONTEXT)
    launcher: Any = instance.run_launcher
    launcher._api_client = Mock()
    launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
    made = launcher._api_client.create_namespaced_job_with_retries.call_args.kwargs["body"]
    template = kubernetes.client.ApiClient().sanitize_for_serialization(made)["spec"]["template"]
    assert isinstance(template, dict)
    return template


@pytest.mark.parametrize("asset", sorted(ASSETS))
def test_the_namespace_lets_the_pod_in(asset: str, instance: dg.DagsterInstance) -> None:
    template = pod_of(asset, instance)
    [container] = template["spec"]["containers"]
    context = container["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert template["spec"]["automountServiceAccountToken"] is False


@pytest.mark.parametrize("asset", sorted(ASSETS))
def test_an_asset_asks_for_a_gpu_exactly_if_it_needs_one(
    asset: str, instance: dg.DagsterInstance
) -> None:
    spec = pod_of(asset, instance)["spec"]
    gpus = {"nvidia.com/gpu": "1"} if asset in ON_GPU else {}
    memory = "12Gi" if gpus else "4Gi"
    [container] = spec["containers"]
    limits = {"memory": memory, "ephemeral-storage": "16Gi", **gpus}
    assert container["resources"]["limits"] == limits
    assert spec.get("nodeSelector", {}) == ({"style-pipeline/pool": "gpu"} if gpus else {})


@pytest.mark.parametrize("asset", ["frames", "styled_frames"])
def test_the_pod_has_scratch_settings_its_identity_and_stays(
    asset: str, instance: dg.DagsterInstance
) -> None:
    template = pod_of(asset, instance)
    [container] = template["spec"]["containers"]
    mounted = [m["name"] for m in container["volumeMounts"] if m["mountPath"] == "/scratch"]
    assert mounted == [v["name"] for v in template["spec"]["volumes"] if "emptyDir" in v]
    assert {"configMapRef": {"name": "style-pipeline-settings"}} in container["envFrom"]
    assert template["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    assert template["metadata"]["annotations"] == {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false"
    }
    assert (
        container["resources"]["limits"]["memory"] != CODE_SERVER["resources"]["limits"]["memory"]
    )


def test_what_chunks_ask_for_is_what_gpu_nodes_are_called_and_bear() -> None:
    pool = resources("azurerm_kubernetes_cluster_node_pool")[
        "azurerm_kubernetes_cluster_node_pool.gpu"
    ]
    for label, value in gpu_pod().node_selector.items():
        assert f'"{label}" = "{value}"' in pool["node_labels"]
    for taint in (local_values()["gpu_taint"], local_values()["spot_taint"]):
        tolerations = [each.model_dump(exclude_none=True) for each in gpu_pod().tolerations]
        assert any(tolerates(toleration, taint) for toleration in tolerations), taint


def test_what_sensors_ask_for_is_what_their_nodes_are_called_and_bear() -> None:
    pool = resources("azurerm_kubernetes_cluster_node_pool")[
        "azurerm_kubernetes_cluster_node_pool.sensors"
    ]
    pod = SensorSettings().pod
    assert pod.node_selector == pool["node_labels"]
    tolerations = [each.model_dump(exclude_none=True) for each in pod.tolerations]
    assert any(tolerates(each, local_values()["sensor_taint"]) for each in tolerations)


def tolerates(toleration: Mapping[str, str], taint: str) -> bool:
    key, value, effect = re.split("[=:]", taint)
    wanted = {"key": key, "value": value, "effect": effect}
    return {**wanted, **toleration, "operator": ""} == {**wanted, "operator": ""}
