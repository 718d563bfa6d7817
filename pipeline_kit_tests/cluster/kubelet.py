"""A pod's container, run as a process of this machine with its own arguments and environment."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline_kit_tests.cluster.scheduler import Manifest, gpus_asked_for

KeyValues = Mapping[str, Mapping[str, str]]


@dataclass
class Pod:
    """One pod from when it is created until after it is gone."""

    name: str
    job: str
    labels: Mapping[str, str]
    spec: Manifest
    folder: Path
    node: str = ""
    phase: str = "Pending"
    reason: str = ""
    deleted: bool = False
    waits_because: str = ""
    process: subprocess.Popen[bytes] | None = None
    kill_at: float = field(default=float("inf"))

    @property
    def run_id(self) -> str:
        return self.labels["dagster/run-id"]

    @property
    def gpus(self) -> int:
        return gpus_asked_for(self.spec)

    @property
    def container(self) -> Mapping[str, Any]:
        (container,) = self.spec["containers"]
        return dict(container)

    @property
    def ended(self) -> bool:
        return self.phase in ("Succeeded", "Failed")

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(
        self, image: Mapping[str, str], *, config_maps: KeyValues, secrets: KeyValues
    ) -> None:
        """Run the container; `image` is the environment that it comes with."""
        self.scratch.mkdir(parents=True)
        environment = {
            **image,
            **environment_of(self.container, config_maps=config_maps, secrets=secrets),
            "HOSTNAME": self.name,
            "HOME": str(self.scratch),
            "TMPDIR": str(self.scratch),
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.container["args"],
                env=environment,
                cwd=self.scratch,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.phase = "Running"

    def stop(self) -> None:
        """Ask it to end, and end it when it has had its time."""
        if self.process and self.kill_at == float("inf"):
            self.process.send_signal(signal.SIGTERM)
            self.kill_at = time.monotonic() + self.spec.get("terminationGracePeriodSeconds", 30)

    def kill(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def poll(self) -> None:
        """Note whether it ended."""
        if self.ended or not self.process:
            return
        if time.monotonic() > self.kill_at and self.process.poll() is None:
            self.kill()
        code = self.process.poll()
        if code is not None:
            self.phase = "Failed" if code or self.reason == "Evicted" else "Succeeded"
            self.reason = self.reason or ("Error" if code else "Completed")
            shutil.rmtree(self.scratch)


def environment_of(
    container: Manifest, *, config_maps: KeyValues, secrets: KeyValues
) -> dict[str, str]:
    """A container's environment, its references looked up."""
    found: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        if "configMapRef" in source:
            found |= config_maps[source["configMapRef"]["name"]]
        else:
            found |= secrets[source["secretRef"]["name"]]
    for variable in container.get("env") or []:
        if "value" in variable:
            found[variable["name"]] = variable["value"]
        else:
            key = variable["valueFrom"]["secretKeyRef"]
            found[variable["name"]] = secrets[key["name"]][key["key"]]
    return found
