"""What a kind of pod asks of the cluster: one value, in JSON or TOML."""

import json
import tomllib
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_settings import NoDecode

SCRATCH = "/scratch"
"""Where images keep temporary files: their root is read-only."""
SECONDS_A_NODE_MAY_BE_SILENT = 60

_NAME = r"[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?"
_LABEL = rf"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?{_NAME}"

Label = Annotated[str, StringConstraints(pattern=rf"^{_LABEL}$")]
LabelValue = Annotated[str, StringConstraints(pattern=rf"^({_NAME})?$")]
Cpus = Annotated[str, StringConstraints(pattern=r"^[1-9]\d*m?$")]
Bytes = Annotated[str, StringConstraints(pattern=r"^[1-9]\d*[MGT]i$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Toleration(_Part):
    """A taint of nodes that a pod may run on, as Kubernetes writes it."""

    key: Label
    operator: Literal["Exists", "Equal"] = "Exists"
    value: LabelValue | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None


class Pod(_Part):
    """What the pod of a run asks for, whatever launched the run."""

    cpus: Cpus = "1"
    """As a Kubernetes quantity, such as 2 or 500m."""
    memory: Bytes = "4Gi"
    """It is also the most that the pod may use."""
    scratch: Bytes = "16Gi"
    """Room on the node's disk for a copy of the input and what is made of it."""
    gpus: int = Field(default=0, ge=0, le=16)
    node_selector: dict[Label, LabelValue] = Field(default={})
    """Labels of the nodes that it may run on."""
    tolerations: tuple[Toleration, ...] = ()
    image: str = ""
    """Without one, that of the code server; so with the service account."""
    service_account: str = ""

    def tags(self) -> dict[str, Any]:
        """Tags of an op that make `PodRunLauncher` ask for this."""
        gpus = {"nvidia.com/gpu": str(self.gpus)} if self.gpus else {}
        requests = {"cpu": self.cpus, "memory": self.memory, "ephemeral-storage": self.scratch}
        container: dict[str, Any] = {
            "resources": {
                "requests": {**requests, **gpus},
                "limits": {"memory": self.memory, "ephemeral-storage": self.scratch, **gpus},
            },
            "volume_mounts": [{"name": "scratch", "mount_path": SCRATCH}],
        }
        tolerations = [each.model_dump(exclude_none=True) for each in self.tolerations]
        spec: dict[str, Any] = {
            "volumes": [{"name": "scratch", "empty_dir": {"size_limit": self.scratch}}],
            "node_selector": dict(self.node_selector),
            "tolerations": [*tolerations, *_until_a_node_is_lost()],
            # What reads strangers' files must not be able to talk to the cluster.
            "automount_service_account_token": False,
        }
        if self.image:
            container["image"] = self.image
        if self.service_account:
            spec["service_account_name"] = self.service_account
        # Shallow: a step's memory, volumes and so on replace those of the code server.
        asked = {"container_config": container, "pod_spec_config": spec}
        return {"dagster-k8s/config": {**asked, "merge_behavior": "SHALLOW"}}


def from_json_or_toml(value: Any) -> Any:
    """The table that a setting's text holds. Raises `ValueError`."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.lstrip().startswith("{") else tomllib.loads(value)
    except ValueError as error:
        raise ValueError(
            f'it is neither JSON nor TOML ({error}): write it as {{"memory": "24Gi"}}'
        ) from None


_P = TypeVar("_P", bound=Pod)
PodSetting = Annotated[_P, NoDecode, BeforeValidator(from_json_or_toml)]
"""A field of settings that is written as one table: `PodSetting[Pod]`."""


def problem_for_dagster_k8s(pod: Pod) -> str | None:
    """What dagster-k8s, which has to be installed, does not understand of it; None if nothing."""
    from dagster import DagsterInvalidConfigError
    from dagster_k8s.job import get_user_defined_k8s_config

    try:
        get_user_defined_k8s_config({name: json.dumps(tag) for name, tag in pod.tags().items()})
    except (DagsterInvalidConfigError, ValueError) as error:
        return " ".join(str(error).split())
    return None


def _until_a_node_is_lost() -> list[dict[str, Any]]:
    """Kubernetes itself waits five minutes for a node that does not answer."""
    return [
        {
            "key": f"node.kubernetes.io/{state}",
            "operator": "Exists",
            "effect": "NoExecute",
            "toleration_seconds": SECONDS_A_NODE_MAY_BE_SILENT,
        }
        for state in ("not-ready", "unreachable")
    ]
