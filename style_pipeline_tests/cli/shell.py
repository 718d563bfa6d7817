"""`style-pipeline` as a person types it, run in this process."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from style_pipeline.cli import main
from style_pipeline_tests.dagster_dev import PROJECT


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: str) -> Answer:
    done = CliRunner().invoke(main, words, prog_name="style-pipeline")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Answer(done.exit_code, done.stdout, done.stderr)


def imported_by(*words: str, folder: Path, **environ: str) -> set[str]:
    """Packages that a process of its own, in that folder, has loaded once the command ended."""
    program = (
        "import sys\n"
        "from style_pipeline.cli import main\n"
        f"main({words!r}, standalone_mode=False)\n"
        "print(*sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": str(PROJECT), **environ}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def refusal(*words: str, code: int = 2) -> str:
    """The one line with which a command ends that cannot do what was asked."""
    answer = run(*words)
    assert answer.code == code, answer
    assert answer.out == ""
    line = answer.err.strip().splitlines()[-1]
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")
