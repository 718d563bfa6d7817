"""A container's process without a container: its environment, and a root that is read-only."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from style_pipeline_tests.deploy.terraform import DEPLOY

PROJECT = DEPLOY.parent
UNSHARE = ["unshare", "--map-root-user", "--mount"]
"""A user's own mount namespace needs no rights."""
READ_ONLY = r"""
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
awk '{ print $5 }' /proc/self/mountinfo | while read -r place; do
    case "$place" in "$1" | /proc* | /sys* | /dev*) ;; *) mount -o remount,bind,ro "$place" ;; esac
done
cd "$1"
shift
exec "$@"
"""


def can_be_read_only() -> bool:
    """Whether this machine has mount namespaces, and lets us have one."""
    if shutil.which("unshare") is None:
        return False
    return not subprocess.run([*UNSHARE, "true"], capture_output=True).returncode


@dataclass(frozen=True)
class Container:
    """Below `folder` it has its scratch volume, and a DAGSTER_HOME for what is mounted there."""

    folder: Path
    settings: Mapping[str, str]

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def home(self) -> Path:
        return self.folder / "dagster_home"

    def make(self) -> None:
        self.scratch.mkdir(parents=True)
        self.home.mkdir()

    def command(self, *words: str) -> list[str]:
        return [*UNSHARE, "sh", "-c", READ_ONLY, "sh", str(self.scratch), *words]

    @property
    def environment(self) -> dict[str, str]:
        """The image's, with this machine's paths."""
        said: dict[str, str] = dict(re.findall(r"(\w+)=(\S+)", _env_of("base")))
        ours = {"/opt/dagster/dagster_home": str(self.home), "/scratch": str(self.scratch)}
        image = {name: ours.get(value, value) for name, value in said.items()}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**image, "PATH": path, "PYTHONPATH": str(PROJECT), **self.settings}

    @contextmanager
    def running(self, words: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """The process, and the file of what it prints."""
        printed = self.folder / "printed"
        with (
            printed.open("wb") as log,
            subprocess.Popen(
                self.command(*words), env=self.environment, stdout=log, stderr=subprocess.STDOUT
            ) as process,
        ):
            try:
                yield process, printed
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()


def _env_of(stage: str) -> str:
    """The ENV instruction of a stage of the Dockerfile."""
    text = (DEPLOY / "Dockerfile").read_text()
    found = re.search(rf"AS {stage}\n.*?^ENV ((?:.*\\\n)*.*)$", text, re.M | re.S)
    assert found
    return found[1]
