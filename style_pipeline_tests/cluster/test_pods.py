import pytest

from style_pipeline.cluster.pods import Pod, cpu_pod, gpu_pod
from style_pipeline.process.environment import PREFIX, BadSetting


def test_without_settings_a_chunk_asks_for_one_gpu_of_a_spot_node_on_aks() -> None:
    pod = gpu_pod()
    assert (pod.gpus, pod.cpus, pod.memory, pod.scratch) == (1, "2", "12Gi", "16Gi")
    assert pod.nodes == {"style-pipeline/pool": "gpu"}
    assert list(pod.tolerations) == [
        {"key": "nvidia.com/gpu", "operator": "Exists"},
        {
            "key": "kubernetes.azure.com/scalesetpriority",
            "operator": "Equal",
            "value": "spot",
            "effect": "NoSchedule",
        },
    ]


def test_without_settings_other_pods_run_on_any_node_and_ask_for_no_gpu() -> None:
    assert cpu_pod() == Pod(cpus="1", memory="4Gi", scratch="16Gi")
    assert "nvidia.com/gpu" not in str(cpu_pod().tags())


@pytest.mark.parametrize("kind", ["CPU", "GPU"])
@pytest.mark.parametrize(
    ("name", "value", "field", "wanted"),
    [
        ("CPUS", "1500m", "cpus", "1500m"),
        ("MEMORY", "500Mi", "memory", "500Mi"),
        ("SCRATCH", "1Ti", "scratch", "1Ti"),
        (
            "NODES",
            "disk=ssd, example.com/pool=x",
            "nodes",
            {"disk": "ssd", "example.com/pool": "x"},
        ),
        ("NODES", "none", "nodes", {}),
        ("TOLERATIONS", "none", "tolerations", ()),
        (
            "TOLERATIONS",
            "busy=",
            "tolerations",
            ({"key": "busy", "operator": "Equal", "value": ""},),
        ),
        (
            "TOLERATIONS",
            "busy:NoExecute",
            "tolerations",
            ({"key": "busy", "operator": "Exists", "effect": "NoExecute"},),
        ),
        ("IMAGE", "registry/painter:1", "image", "registry/painter:1"),
        ("SERVICE_ACCOUNT", "painter", "service_account", "painter"),
    ],
)
def test_each_setting_says_what_its_kind_of_pod_asks_for(
    monkeypatch: pytest.MonkeyPatch, kind: str, name: str, value: str, field: str, wanted: object
) -> None:
    monkeypatch.setenv(f"{PREFIX}{kind}_POD_{name}", value)
    changed, same = (cpu_pod(), gpu_pod()) if kind == "CPU" else (gpu_pod(), cpu_pod())
    assert getattr(changed, field) == wanted
    monkeypatch.undo()
    assert same in (cpu_pod(), gpu_pod())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("GPUS", "0", "='0' should be a whole number from 1 to 16"),
        ("CPUS", "two", "='two' should be an amount such as 2 or 500m"),
        ("MEMORY", "12", "='12' should be an amount such as 12Gi"),
        ("MEMORY", "0Gi", "='0Gi' should be an amount such as 12Gi"),
        ("SCRATCH", "12GB", "='12GB' should be an amount such as 16Gi"),
        ("NODES", "gpu", ": 'gpu' should be a node's label, such as pool=gpu; none stands for any"),
        ("TOLERATIONS", "a,", ": '' should be a taint to tolerate: key, key=value or "),
        ("TOLERATIONS", "a:Never", ": 'a:Never' should be a taint to tolerate"),
    ],
)
def test_a_bad_setting_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"{PREFIX}GPU_POD_{name}", value)
    with pytest.raises(BadSetting) as raised:
        gpu_pod()
    assert str(raised.value).startswith(f"{PREFIX}GPU_POD_{name}{message}")
