"""Nodes, Jobs and pods, and the loop that brings them to what they should be."""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline_kit_tests.cluster.kubelet import KeyValues, Pod
from pipeline_kit_tests.cluster.scheduler import Manifest, Node, why_not

POLL_SECONDS = 0.1
SILENT = -1
"""A refusal of all requests by saying nothing for two seconds."""


@dataclass
class Job:
    manifest: Manifest
    uid: str
    created: float = field(default_factory=time.time)
    finished: float = 0.0
    failed: int = 0
    succeeded: int = 0
    reason: str = ""

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def spec(self) -> Manifest:
        return dict(self.manifest["spec"])

    @property
    def start_time(self) -> str:
        return datetime.fromtimestamp(self.created, UTC).isoformat()


class Cluster:
    """A control plane in memory. What tests do to it they do under its lock."""

    def __init__(self, folder: Path, image: Mapping[str, str]) -> None:
        self.folder, self.image = folder, image
        self.config_maps: dict[str, dict[str, str]] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.nodes: dict[str, Node] = {}
        self.jobs: dict[str, Job] = {}
        self.history: list[Pod] = []
        self.refusal = 0
        """The HTTP status that its API answers all requests with; 0 while it is well."""
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)

    @property
    def config_and_secrets(self) -> dict[str, KeyValues]:
        return {"config_maps": self.config_maps, "secrets": self.secrets}

    def pods(self, *, job: str = "") -> list[Pod]:
        """Those that are still there; of one Job, or of all."""
        with self.lock:
            return [pod for pod in self.history if not pod.deleted and job in ("", pod.job)]

    def pods_of(self, run_id: str) -> list[Pod]:
        """Those that a run ever had."""
        with self.lock:
            return [pod for pod in self.history if pod.run_id == run_id]

    def add_node(self, node: Node) -> None:
        with self.lock:
            self.nodes[node.name] = node

    def lose_node(self, name: str) -> None:
        """The machine is gone, and with it what ran there, with no word."""
        with self.lock:
            del self.nodes[name]
            for pod in self.pods():
                if pod.node == name and not pod.ended:
                    pod.kill()
                    pod.phase, pod.reason = "Failed", "NodeLost"
                    self._note_end(pod)
                    pod.deleted = True

    def evict(self, pod: Pod) -> None:
        """What a node does with a pod when it is told to go: SIGTERM, and later SIGKILL."""
        with self.lock:
            pod.reason = "Evicted"
            pod.stop()

    def create_job(self, manifest: Manifest) -> Job:
        with self.lock:
            job = Job(manifest, uid=f"uid-{next(self._numbers)}")
            self.jobs[job.name] = job
            self._create_pod(job)
            return job

    def delete_job(self, name: str) -> None:
        with self.lock:
            del self.jobs[name]
            for pod in self.pods(job=name):
                self.delete_pod(pod)

    def delete_pod(self, pod: Pod) -> None:
        """It is gone once its process has ended. Its Job counts it as one that failed."""
        with self.lock:
            pod.stop()
            pod.reason = pod.reason or "Deleted"
            if pod.process is None:
                pod.phase = "Failed"
                self._note_end(pod)
            pod.deleted = pod.process is None or pod.ended

    def reconcile(self) -> None:
        """One round of what kubelets, scheduler and Job controller do."""
        with self.lock:
            for pod in self.pods():
                was = pod.ended
                pod.poll()
                if pod.ended and not was:
                    self._note_end(pod)
                if pod.phase == "Pending":
                    self._schedule(pod)
            for job in list(self.jobs.values()):
                self._keep(job)

    def _create_pod(self, job: Job) -> None:
        template = job.spec["template"]
        name = f"{job.name}-{next(self._numbers):05}"
        labels = {**template["metadata"]["labels"], "job-name": job.name}
        self.history.append(Pod(name, job.name, labels, template["spec"], self.folder / name))

    def _schedule(self, pod: Pod) -> None:
        reasons = []
        for node in self.nodes.values():
            taken = sum(p.gpus for p in self.pods() if p.node == node.name and not p.ended)
            reason = why_not(pod.spec, node, gpus_free=node.gpus - taken)
            if not reason:
                pod.node = node.name
                pod.start(self.image, **self.config_and_secrets)
                return
            reasons.append(reason)
        pod.waits_because = f"0/{len(reasons)} nodes are available: {', '.join(reasons)}."

    def _note_end(self, pod: Pod) -> None:
        pod.deleted = pod.deleted or pod.reason == "Deleted"
        if job := self.jobs.get(pod.job):
            job.succeeded += pod.phase == "Succeeded"
            job.failed += pod.phase == "Failed"

    def _keep(self, job: Job) -> None:
        active = [pod for pod in self.pods(job=job.name) if not pod.ended]
        now = time.time()
        if not job.finished:
            if now - job.created > job.spec.get("activeDeadlineSeconds", float("inf")):
                job.finished, job.reason = now, "DeadlineExceeded"
                for pod in active:
                    self.delete_pod(pod)
            elif job.succeeded or job.failed > job.spec.get("backoffLimit", 6):
                job.finished = now
            elif not active:
                self._create_pod(job)
        elif now - job.finished > job.spec.get("ttlSecondsAfterFinished", float("inf")):
            self.delete_job(job.name)


@contextmanager
def running_control_plane(folder: Path, image: Mapping[str, str]) -> Iterator[Cluster]:
    """A cluster without nodes, which lives until the block ends."""
    cluster, stop = Cluster(folder, image), threading.Event()

    def loop() -> None:
        while not stop.wait(POLL_SECONDS):
            cluster.reconcile()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield cluster
    finally:
        stop.set()
        thread.join()
        for pod in cluster.pods():
            if not pod.ended:
                pod.kill()
