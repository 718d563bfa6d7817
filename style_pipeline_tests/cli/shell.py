"""`style-pipeline` as a person types it, run in this process."""

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from style_pipeline.cli import main


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


def refusal(*words: str, code: int = 2) -> str:
    """The one line with which a command ends that cannot do what was asked."""
    answer = run(*words)
    assert answer.code == code, answer
    assert answer.out == ""
    line = answer.err.strip().splitlines()[-1]
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")
