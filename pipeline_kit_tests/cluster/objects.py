"""Jobs, pods and events as the Kubernetes API shows them."""

from typing import Any

from pipeline_kit_tests.cluster.control_plane import Job
from pipeline_kit_tests.cluster.kubelet import Pod

NAMESPACE = "painting"


def job_object(job: Job) -> dict[str, Any]:
    status: dict[str, Any] = {"startTime": job.start_time}
    counts = {"failed": job.failed, "succeeded": job.succeeded, "active": not job.finished}
    status |= {name: int(count) for name, count in counts.items() if count}
    if job.reason:
        failed = {"type": "Failed", "status": "True", "reason": job.reason}
        status["conditions"] = [failed]
    metadata = {**job.manifest["metadata"], "namespace": NAMESPACE, "uid": job.uid}
    return {**job.manifest, "metadata": metadata, "status": status}


def pod_object(pod: Pod) -> dict[str, Any]:
    metadata = {"name": pod.name, "namespace": NAMESPACE, "labels": dict(pod.labels)}
    status: dict[str, Any] = {"phase": pod.phase, "reason": pod.reason}
    if pod.process:
        state: dict[str, Any] = {"running": {}}
        if pod.ended:
            code = pod.process.returncode
            state = {"terminated": {"exitCode": abs(code), "reason": pod.reason}}
        status["containerStatuses"] = [
            {
                "name": pod.container["name"],
                "image": pod.container["image"],
                "imageID": "",
                "ready": not pod.ended,
                "restartCount": 0,
                "state": state,
            }
        ]
    spec = {**pod.spec, **({"nodeName": pod.node} if pod.node else {})}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec, "status": status}


def event_object(pod: Pod) -> dict[str, Any]:
    """Why a pod waits, which is all that this cluster has to tell."""
    waits = pod.phase == "Pending"
    return {
        "metadata": {"name": f"{pod.name}.1", "namespace": NAMESPACE, "labels": {}},
        "involvedObject": {"kind": "Pod", "name": pod.name},
        "type": "Warning" if waits else "Normal",
        "reason": "FailedScheduling" if waits else "Scheduled",
        "message": pod.waits_because if waits else f"assigned to {pod.node}",
    }
