import pytest
from pydantic import BaseModel, ValidationError

from pipeline_kit.execution.pods import Pod, Toleration, from_json_or_toml, problem_for_dagster_k8s

FULL = Pod(
    cpus="500m",
    memory="12Gi",
    scratch="1Ti",
    gpus=1,
    node_selector={"example.com/pool": "gpu"},
    tolerations=(Toleration(key="nvidia.com/gpu", effect="NoSchedule"),),
    image="registry/worker:1",
    service_account="worker",
)


@pytest.mark.parametrize("pod", [Pod(), FULL], ids=["the least", "everything"])
def test_dagster_k8s_understands_what_a_pod_asks_for(pod: Pod) -> None:
    assert problem_for_dagster_k8s(pod) is None


def test_what_dagster_k8s_does_not_understand_is_said_in_one_line() -> None:
    class Odd(Pod):
        def tags(self) -> dict[str, object]:
            return {"dagster-k8s/config": {"containers": []}}

    problem = problem_for_dagster_k8s(Odd())
    assert problem is not None
    assert "containers" in problem
    assert "\n" not in problem


def test_a_pod_may_use_the_memory_and_disk_that_it_asks_for_and_no_more() -> None:
    resources = FULL.tags()["dagster-k8s/config"]["container_config"]["resources"]
    limits = {"memory": "12Gi", "ephemeral-storage": "1Ti", "nvidia.com/gpu": "1"}
    assert resources == {"limits": limits, "requests": {"cpu": "500m", **limits}}


def test_a_pod_without_a_gpu_asks_for_none() -> None:
    assert "nvidia.com/gpu" not in str(Pod().tags())


def test_a_pod_that_reads_strangers_files_cannot_talk_to_the_cluster() -> None:
    spec = Pod().tags()["dagster-k8s/config"]["pod_spec_config"]
    assert spec["automount_service_account_token"] is False


@pytest.mark.parametrize(
    "text",
    [
        '{"memory": "24Gi", "node_selector": {"pool": "gpu"}}',
        'memory = "24Gi"\nnode_selector = {pool = "gpu"}',
        'memory = "24Gi"\n[node_selector]\npool = "gpu"',
    ],
)
def test_a_pod_is_written_as_json_or_as_toml(text: str) -> None:
    pod = Pod.model_validate(from_json_or_toml(text))
    assert pod == Pod(memory="24Gi", node_selector={"pool": "gpu"})


@pytest.mark.parametrize("text", ["24Gi", "{memory: 24Gi}", '{"memory": "24Gi"'])
def test_what_is_neither_is_named_so_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither JSON nor TOML .* write it as "):
        from_json_or_toml(text)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (Pod, "cpus", "two"),
        (Pod, "memory", "12"),
        (Pod, "memory", "0Gi"),
        (Pod, "scratch", "12GB"),
        (Pod, "gpus", -1),
        (Pod, "gpus", 17),
        (Pod, "node_selector", {"a label": "x"}),
        (Pod, "node_selector", {"pool": "x y"}),
        (Pod, "memroy", "12Gi"),
        (Toleration, "effect", "Never"),
        (Toleration, "operator", "Sometimes"),
        (Toleration, "key", ""),
    ],
)
def test_what_the_cluster_would_refuse_is_refused_before(
    kind: type[BaseModel], field: str, value: object
) -> None:
    good = {"key": "gpu"} if kind is Toleration else {}
    with pytest.raises(ValidationError) as raised:
        kind.model_validate({**good, field: value})
    assert {str(error["loc"][0]) for error in raised.value.errors()} == {field}
