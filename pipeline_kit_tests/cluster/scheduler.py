"""Which node a pod may run on: node selector, taints and GPUs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Manifest = Mapping[str, Any]
GPU = "nvidia.com/gpu"


@dataclass(frozen=True)
class Node:
    name: str
    gpus: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: tuple[Mapping[str, str], ...] = ()


def gpus_asked_for(spec: Manifest) -> int:
    return sum(
        int(container.get("resources", {}).get("limits", {}).get(GPU, 0))
        for container in spec["containers"]
    )


def why_not(spec: Manifest, node: Node, *, gpus_free: int) -> str:
    """Why the node does not take the pod, as Kubernetes says it; nothing where it does."""
    wanted = spec.get("nodeSelector") or {}
    if any(node.labels.get(label) != value for label, value in wanted.items()):
        return "node(s) didn't match Pod's node affinity/selector"
    for taint in node.taints:
        if not any(tolerates(each, taint) for each in spec.get("tolerations") or []):
            return f"node(s) had untolerated taint {{{taint['key']}: {taint['value']}}}"
    if gpus_asked_for(spec) > gpus_free:
        return f"Insufficient {GPU}"
    return ""


def tolerates(toleration: Mapping[str, Any], taint: Mapping[str, str]) -> bool:
    if toleration.get("key") not in (None, taint["key"]):
        return False
    if toleration.get("effect") not in (None, taint["effect"]):
        return False
    return toleration.get("operator") == "Exists" or toleration.get("value") == taint["value"]
