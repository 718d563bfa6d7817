"""What 1c49ab0 was set up with goes on working, or says what to write instead."""

import importlib
import json
from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.compute_log_manager import ComputeIOType

from pipeline_kit.execution.pod_launcher import PodRunLauncher
from pipeline_kit.execution.pod_logs import BlobLogs
from pipeline_kit.execution.pods import Pod
from pipeline_kit.execution.processes import ProcessRunLauncher
from pipeline_kit.execution.queue import FairRunCoordinator
from pipeline_kit.settings import BadSetting
from style_pipeline.settings import PREFIX, GpuPod, PipelineSettings
from style_pipeline.upgrade import check_no_old_names

OLD: Mapping[str, tuple[str, dict[str, Any]]] = {
    "CPUS": ("1500m", {"cpus": "1500m"}),
    "MEMORY": ("500Mi", {"memory": "500Mi"}),
    "SCRATCH": ("1Ti", {"scratch": "1Ti"}),
    "NODES": (
        "disk=ssd, example.com/pool=x",
        {"node_selector": {"disk": "ssd", "example.com/pool": "x"}},
    ),
    "TOLERATIONS": (
        "nvidia.com/gpu,scale=spot:NoSchedule,busy=,calm:NoExecute",
        {
            "tolerations": [
                {"key": "nvidia.com/gpu"},
                {"key": "scale", "operator": "Equal", "value": "spot", "effect": "NoSchedule"},
                {"key": "busy", "operator": "Equal", "value": ""},
                {"key": "calm", "effect": "NoExecute"},
            ]
        },
    ),
    "IMAGE": ("registry/worker:1", {"image": "registry/worker:1"}),
    "SERVICE_ACCOUNT": ("worker", {"service_account": "worker"}),
}


def refusal(environ: Mapping[str, str]) -> str:
    with pytest.raises(BadSetting) as raised:
        check_no_old_names(PREFIX, environ)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("kind", ["CPU", "GPU"])
@pytest.mark.parametrize("name", OLD)
def test_each_old_setting_of_a_pod_names_the_new_one_with_its_value(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    value, wanted = OLD[name]
    line = refusal({f"{PREFIX}{kind}_POD_{name}": value})
    new = f"{PREFIX}{kind}_POD"
    assert line == (
        f"{new}_{name}: set {new}='{json.dumps(wanted)}' instead, and unset the old names"
    )
    monkeypatch.setenv(new, json.dumps(wanted))
    settings = PipelineSettings.load(PREFIX)
    pod = settings.cpu_pod if kind == "CPU" else settings.gpu_pod
    assert pod == (Pod if kind == "CPU" else GpuPod).model_validate(wanted)


def test_several_old_settings_become_one_value() -> None:
    line = refusal({f"{PREFIX}GPU_POD_GPUS": "2", f"{PREFIX}GPU_POD_NODES": "none"})
    assert f"{PREFIX}GPU_POD_GPUS, {PREFIX}GPU_POD_NODES: set {PREFIX}GPU_POD=" in line
    assert json.dumps({"gpus": 2, "node_selector": {}}) in line


def test_without_old_settings_nothing_is_said() -> None:
    check_no_old_names(PREFIX, {f"{PREFIX}GPU_POD": "{}", f"{PREFIX}GPU_POD_CPUS": ""})


def test_a_dagster_yaml_of_0_1_names_places_that_are_there() -> None:
    places = {
        "run_coordinator": {"module": "style_pipeline.runs.queue", "class": "FairRunCoordinator"},
        "run_launcher": {"module": "style_pipeline.runs.processes", "class": "ProcessRunLauncher"},
    }
    with dg.instance_for_test(overrides=places) as instance:
        assert isinstance(instance.run_coordinator, FairRunCoordinator)
        assert instance.run_coordinator.turns == {"dagster/partition/video_chunk": 300}
        assert isinstance(instance.run_launcher, ProcessRunLauncher)


def test_values_of_0_1_name_places_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = importlib.import_module("style_pipeline.cluster.launcher")
    assert launcher.PodRunLauncher is PodRunLauncher
    monkeypatch.setenv(f"{PREFIX}LOGS_URL", "az://account/logs")
    monkeypatch.setenv(f"{PREFIX}LOGS_SAS_TOKEN", "sv=1&sig=sesame")
    logs = importlib.import_module("style_pipeline.cluster.logs").BlobLogs()
    assert isinstance(logs, BlobLogs)
    assert logs.display_path_for_type(["run"], ComputeIOType.STDOUT).startswith(
        "https://account.blob.core.windows.net/logs/"
    )
