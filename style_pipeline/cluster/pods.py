"""What each kind of pod asks of the cluster, as settings say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from style_pipeline.process.environment import PREFIX, BadSetting, setting, whole_number

SCRATCH = "/scratch"
"""Where the images of deploy/Dockerfile keep temporary files: their root is read-only."""
NOTHING = "none"
"""What a setting says for a pod that needs no certain node, or tolerates no taint."""
SECONDS_A_NODE_MAY_BE_SILENT = 60

_KEY = r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?"
_EFFECTS = "NoSchedule|PreferNoSchedule|NoExecute"
_TAINT = re.compile(rf"(?P<key>{_KEY})(=(?P<value>{_VALUE}))?(:(?P<effect>{_EFFECTS}))?")


@dataclass(frozen=True, kw_only=True)
class Pod:
    """What the pod of a run asks for, whatever launched the run."""

    cpus: str
    memory: str
    """As a Kubernetes quantity. It is also the most that the pod may use."""
    scratch: str
    """Room on the node's disk for a copy of the video and what is made of it."""
    gpus: int = 0
    nodes: Mapping[str, str] = field(default_factory=dict)
    """Labels of the nodes that it may run on."""
    tolerations: tuple[Mapping[str, Any], ...] = ()
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
        spec: dict[str, Any] = {
            "volumes": [{"name": "scratch", "empty_dir": {"size_limit": self.scratch}}],
            "node_selector": dict(self.nodes),
            "tolerations": [*map(dict, self.tolerations), *_until_a_node_is_lost()],
            # What decodes strangers' videos must not be able to talk to the cluster.
            "automount_service_account_token": False,
        }
        if self.image:
            container["image"] = self.image
        if self.service_account:
            spec["service_account_name"] = self.service_account
        # Shallow: a step's memory, volumes and so on replace those of the code server.
        asked = {"container_config": container, "pod_spec_config": spec}
        return {"dagster-k8s/config": {**asked, "merge_behavior": "SHALLOW"}}


def cpu_pod() -> Pod:
    """For what needs no GPU. Raises `BadSetting` naming the variable that is wrong."""
    return _pod("CPU", cpus="1", memory="4Gi", nodes=NOTHING, tolerations=NOTHING, gpus=0)


def gpu_pod() -> Pod:
    """For chunks and trainings. Raises `BadSetting` naming the variable that is wrong."""
    return _pod(
        "GPU",
        cpus="2",
        memory="12Gi",
        nodes="style-pipeline/pool=gpu",
        tolerations="nvidia.com/gpu,kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
        gpus=whole_number("GPU_POD_GPUS", 1, least=1, most=16),
    )


def _pod(kind: str, *, cpus: str, memory: str, nodes: str, tolerations: str, gpus: int) -> Pod:
    return Pod(
        cpus=_quantity(f"{kind}_POD_CPUS", cpus, units="m?", such_as="2 or 500m"),
        memory=_quantity(f"{kind}_POD_MEMORY", memory, units="[MGT]i", such_as="12Gi"),
        scratch=_quantity(f"{kind}_POD_SCRATCH", "16Gi", units="[MGT]i", such_as="16Gi"),
        gpus=gpus,
        nodes=dict(_labels(f"{kind}_POD_NODES", nodes)),
        tolerations=tuple(_tolerations(f"{kind}_POD_TOLERATIONS", tolerations)),
        image=setting(f"{kind}_POD_IMAGE", ""),
        service_account=setting(f"{kind}_POD_SERVICE_ACCOUNT", ""),
    )


def _quantity(name: str, default: str, *, units: str, such_as: str) -> str:
    value = setting(name, default)
    if not re.fullmatch(rf"[1-9]\d*{units}", value):
        raise BadSetting(f"{PREFIX}{name}={value!r} should be an amount such as {such_as}")
    return value


def _labels(name: str, default: str) -> list[tuple[str, str]]:
    found = []
    for entry in _entries(name, default):
        if not re.fullmatch(f"{_KEY}={_VALUE}", entry):
            raise BadSetting(
                f"{PREFIX}{name}: {entry!r} should be a node's label, such as pool=gpu; "
                f"{NOTHING} stands for any node"
            )
        label, _, value = entry.partition("=")
        found.append((label, value))
    return found


def _tolerations(name: str, default: str) -> list[dict[str, Any]]:
    found = []
    for entry in _entries(name, default):
        taint = _TAINT.fullmatch(entry)
        if not taint:
            raise BadSetting(
                f"{PREFIX}{name}: {entry!r} should be a taint to tolerate: key, key=value or "
                f"key=value:effect, the effect being one of {', '.join(_EFFECTS.split('|'))}; "
                f"{NOTHING} stands for no taint"
            )
        value = taint["value"]
        toleration = {"key": taint["key"], "operator": "Exists" if value is None else "Equal"}
        if value is not None:
            toleration["value"] = value
        if taint["effect"]:
            toleration["effect"] = taint["effect"]
        found.append(toleration)
    return found


def _entries(name: str, default: str) -> list[str]:
    value = setting(name, default)
    return [] if value == NOTHING else [entry.strip() for entry in value.split(",")]


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
